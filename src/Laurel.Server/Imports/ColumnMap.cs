using System.Diagnostics.CodeAnalysis;

namespace Laurel.Server.Imports;

/// <summary>The columns of a file that an import reads, by their names in the header.</summary>
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
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=');
            var field = equals < 0 ? part.Trim() : part[..equals].Trim();
            var column = equals < 0 ? "" : part[(equals + 1)..].Trim();
            if (field is not ("order" or "customer" or "date" or "amount") || column.Length == 0)
            {
                mistake = $"--map does not understand '{part}'. It reads: {Default}";
                return false;
            }

            if (!names.TryAdd(field, column))
            {
                mistake = $"--map names '{field}' twice.";
                return false;
            }
        }

        string[] fields = ["order", "customer", "date", "amount"];
        if (Array.Find(fields, field => !names.ContainsKey(field)) is { } missing)
        {
            mistake = $"--map does not say which column is '{missing}'. It reads: {Default}";
            return false;
        }

        mistake = null;
        map = new ColumnMap { Order = names["order"], Customer = names["customer"], Date = names["date"], Amount = names["amount"] };
        return true;
    }
}

/// <summary>Where the columns of a map stand in one file, from 0.</summary>
internal sealed record ColumnPositions(int Order, int Customer, int Date, int Amount, int Count)
{
    /// <summary>Finds the columns in a header; the mistake names what is missing and what is there.</summary>
    public static bool TryFind(
        ColumnMap map,
        IReadOnlyList<string> header,
        [NotNullWhen(true)] out ColumnPositions? positions,
        [NotNullWhen(false)] out string? mistake)
    {
        positions = null;
        string[] wanted = [map.Order, map.Customer, map.Date, map.Amount];
        var found = new int[wanted.Length];
        var missing = new List<string>();
        for (var i = 0; i < wanted.Length; i++)
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
        positions = new ColumnPositions(found[0], found[1], found[2], found[3], header.Count);
        return true;
    }
}
