namespace Laurel.Platform.Webhooks;

/// <summary>Which types of events an endpoint wants: exact names, <c>points.*</c> for all below a name, <c>*</c> for all.</summary>
internal sealed class EventFilter
{
    /// <summary>Items of one filter at the most.</summary>
    public const int ItemsMax = 50;

    /// <summary>Characters of one item at the most.</summary>
    public const int ItemLengthMax = 64;

    /// <summary>Every event.</summary>
    public static readonly EventFilter All = new(["*"]);

    private readonly HashSet<string> _names;
    private readonly string[] _prefixes;
    private readonly bool _everything;

    private EventFilter(IReadOnlyList<string> items)
    {
        Items = items;
        _everything = items.Contains("*");
        _names = [.. items.Where(item => !item.EndsWith('*'))];
        // "points.*" is kept as "points.".
        _prefixes = [.. items.Where(item => item.EndsWith(".*", StringComparison.Ordinal)).Select(item => item[..^1])];
    }

    /// <summary>As they were given, none twice.</summary>
    public IReadOnlyList<string> Items { get; }

    /// <summary>The filter of well-formed items; none is all.</summary>
    public static EventFilter Of(IEnumerable<string> items) => items.Distinct().ToList() is { Count: > 0 } list ? new EventFilter(list) : All;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static EventFilter Read(string stored) => Of(stored.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Names of small letters, digits and underscores with dots between them; only the last may be a star.</summary>
    public static bool IsWellFormed(string item)
    {
        var parts = item.Split('.');
        return parts.Select((part, i) => (part, isLast: i == parts.Length - 1)).All(p => (p.isLast && p.part == "*") || IsName(p.part));
    }

    public bool Wants(string type) =>
        _everything || _names.Contains(type) || Array.Exists(_prefixes, prefix => type.StartsWith(prefix, StringComparison.Ordinal));

    public override string ToString() => string.Join(' ', Items);

    private static bool IsName(string part) =>
        part.Length > 0 && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
