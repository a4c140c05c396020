using System.Diagnostics.CodeAnalysis;

namespace Laurel.Server.Imports;

/// <summary>The columns of a file of orders, by their names in the header.</summary>
internal sealed record ColumnMap
{
    /// <summary>The map used when none is given, and the form of every other.</summary>
    public const string Default = "order=order_id,customer=customer_id,date=date,amount=amount";

    public required string Order { get; init; }

    public required string Customer { get; init; }

    public required string Date { get; init; }

    public required string Amount { get; init; }

    /// <summary>Reads <c>order=NAME,customer=NAME,date=NAME,amount=NAME</c> in any order; each is named exactly once.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out ColumnMap? map,
        [NotNullWhen(false)] out string? mistake)
    {
        map = null;
        if (!ColumnNames.TryParse(text, ["order", "customer", "date", "amount"], [], Default, out var names, out mistake))
        {
            return false;
        }

        map = new ColumnMap { Order = names["order"], Customer = names["customer"], Date = names["date"], Amount = names["amount"] };
        return true;
    }
}

/// <summary>The columns of a file of changes of level, by their names in the header.</summary>
internal sealed record LevelColumnMap
{
    /// <summary>The map used when none is given.</summary>
    public const string Default = "customer=customer_id,level=level,date=date";

    public required string Customer { get; init; }

    public required string Level { get; init; }

    public required string Date { get; init; }

    /// <summary>Why the level changed, in the other system's words; null where no column says so.</summary>
    public required string? Reason { get; init; }

    /// <summary>The code of the track; null where no column says so, and all rows are of the main ladder.</summary>
    public required string? Track { get; init; }

    /// <summary>When the member joined; null where no column says so, and members must be there then.</summary>
    public required string? Joined { get; init; }

    /// <summary>Reads <c>customer=NAME,level=NAME,date=NAME</c>, and perhaps <c>reason=NAME</c>, <c>track=NAME</c> and <c>joined=NAME</c>, in any order.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out LevelColumnMap? map,
        [NotNullWhen(false)] out string? mistake)
    {
        map = null;
        const string Form = Default + ",reason=reason,track=track,joined=joined (the last three may be absent)";
        if (!ColumnNames.TryParse(text, ["customer", "level", "date"], ["reason", "track", "joined"], Form, out var names, out mistake))
        {
            return false;
        }

        map = new LevelColumnMap
        {
            Customer = names["customer"],
            Level = names["level"],
            Date = names["date"],
            Reason = names.GetValueOrDefault("reason"),
            Track = names.GetValueOrDefault("track"),
            Joined = names.GetValueOrDefault("joined"),
        };
        return true;
    }
}

/// <summary>Reads which column is what.</summary>
internal static class ColumnNames
{
    /// <param name="required">Fields that must be named.</param>
    /// <param name="optional">Fields that may be.</param>
    /// <param name="form">How a map is written, for the mistake.</param>
    public static bool TryParse(
        string text,
        string[] required,
        string[] optional,
        string form,
        [NotNullWhen(true)] out Dictionary<string, string>? names,
        [NotNullWhen(false)] out string? mistake)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        names = null;
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=');
            var field = equals < 0 ? part.Trim() : part[..equals].Trim();
            var column = equals < 0 ? "" : part[(equals + 1)..].Trim();
            if (!(required.Contains(field) || optional.Contains(field)) || column.Length == 0)
            {
                mistake = $"--map does not understand '{part}'. It reads: {form}";
                return false;
            }

            if (!found.TryAdd(field, column))
            {
                mistake = $"--map names '{field}' twice.";
                return false;
            }
        }

        if (Array.Find(required, field => !found.ContainsKey(field)) is { } missing)
        {
            mistake = $"--map does not say which column is '{missing}'. It reads: {form}";
            return false;
        }

        (names, mistake) = (found, null);
        return true;
    }
}

/// <summary>Where the columns that are read stand in one file, from 0.</summary>
/// <param name="Count">Columns of the file.</param>
internal sealed record ColumnPositions(IReadOnlyList<int> Places, int Count)
{
    /// <summary>Finds the columns in a header; the mistake names what is missing and what is there.</summary>
    public static bool TryFind(
        IReadOnlyList<string> wanted,
        IReadOnlyList<string> header,
        [NotNullWhen(true)] out ColumnPositions? positions,
        [NotNullWhen(false)] out string? mistake)
    {
        positions = null;
        var found = new int[wanted.Count];
        var missing = new List<string>();
        for (var i = 0; i < wanted.Count; i++)
        {
            var places = Enumerable.Range(0, header.Count).Where(p => header[p] == wanted[i]).ToArray();
            if (places.Length > 1)
            {
                mistake = $"The column '{wanted[i]}' is there {places.Length} times; it must be there once.";
                return false;
            }

            if (places.Length == 0)
            {
                missing.Add(wanted[i]);
                continue;
            }

            found[i] = places[0];
        }

        if (missing.Count > 0)
        {
            var names = string.Join(", ", missing.Select(name => $"'{name}'"));
            mistake = $"The file has no column {names}. Its columns are: {string.Join(", ", header)}.";
            return false;
        }

        mistake = null;
        positions = new ColumnPositions(found, header.Count);
        return true;
    }
}
