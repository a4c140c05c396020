using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;

namespace Laurel.Server.Imports;

/// <summary>A change of level in the file.</summary>
/// <param name="Time">When the level was reached.</param>
/// <param name="Line">The line of the file on which the row begins.</param>
/// <param name="Track">The code of the track; null for the main ladder.</param>
internal sealed record LevelRow(string Customer, string Level, Instant Time, string? Reason, string? Track, Instant? Joined, int Line)
{
    /// <summary>Whether no later row of the file tells of the same member and track.</summary>
    public bool IsLast { get; set; }
}

/// <summary>The good rows of a file, in memory because each member's are written in order of time, whatever the file's order.</summary>
internal sealed class LevelHistoryFile
{
    private readonly Dictionary<(string Customer, string? Track, Instant Time), LevelRow> _byKey = [];
    private List<LevelRow> _changes = [];

    /// <summary>In order of time, those of one instant in the order of the file.</summary>
    public IReadOnlyList<LevelRow> Changes => _changes;

    /// <summary>Rows of the file, its header not counted.</summary>
    public long Rows { get; set; }

    /// <summary>Rows that repeat an earlier one of the same file.</summary>
    public long Repeats { get; private set; }

    /// <summary>Adds a row, or counts it as a repeat of an earlier one.</summary>
    /// <returns>Null when it was taken or repeated; otherwise the line of the earlier row that says something else.</returns>
    public int? Add(LevelRow row)
    {
        if (_byKey.TryAdd((row.Customer, row.Track, row.Time), row))
        {
            return null;
        }

        var known = _byKey[(row.Customer, row.Track, row.Time)];
        if (known.Level != row.Level || known.Reason != row.Reason)
        {
            return known.Line;
        }

        Repeats++;
        return null;
    }

    /// <summary>Puts the rows in order. No row is added afterwards.</summary>
    public void Sort()
    {
        _changes = [.. _byKey.Values.OrderBy(row => row.Time).ThenBy(row => row.Line)];
        foreach (var last in _changes.GroupBy(row => (row.Customer, row.Track)).Select(rows => rows.Last()))
        {
            last.IsLast = true;
        }
    }
}

/// <summary>Reads a file of changes of level: good rows into a history, bad rows into the report.</summary>
internal sealed class LevelFile : ImportFile
{
    private const int Customer = 0;
    private const int Level = 1;
    private const int Date = 2;

    /// <summary>Characters of a level's code at the most.</summary>
    private const int LevelLengthMax = 64;

    private const int TrackLengthMax = 40;

    private const int ReasonLengthMax = 255;

    private readonly LevelColumnMap _map;
    private readonly int? _reason;
    private readonly int? _track;
    private readonly int? _joined;
    private readonly LevelHistoryFile _history = new();
    private BusinessTimes _times = null!;

    private LevelFile(FileStream stream, Encoding encoding, LevelColumnMap map, IReadOnlyList<string> columns)
        : base(stream, encoding, columns)
    {
        _map = map;
        _reason = map.Reason is null ? null : Date + 1;
        _track = map.Track is null ? null : (_reason ?? Date) + 1;
        _joined = map.Joined is null ? null : columns.Count - 1;
    }

    /// <inheritdoc cref="OrderFile.Open"/>
    public static (LevelFile? File, string? Mistake) Open(string path, Encoding encoding, LevelColumnMap map)
    {
        string[] columns = [map.Customer, map.Level, map.Date, .. new[] { map.Reason, map.Track, map.Joined }.OfType<string>()];
        return Open(path, stream => new LevelFile(stream, encoding, map, columns));
    }

    /// <inheritdoc cref="OrderFile.Read"/>
    public LevelHistoryFile Read(BusinessTimes times, ErrorReport report, IProgress<long> progress, CancellationToken cancellationToken)
    {
        _times = times;
        ReadRows(report, progress, cancellationToken);
        _history.Rows = Rows;
        _history.Sort();
        return _history;
    }

    protected override void ReadRow(ErrorReport report)
    {
        var customer = ReadId(TextOf(Customer), RegisterMemberBody.ExternalIdLengthMax);
        var level = ReadId(TextOf(Level), LevelLengthMax);
        var time = ReadTime(Date);
        var reason = _reason is { } place ? ReadReason(TextOf(place)) : FieldRead<string?>.Of(null);
        var track = _track is { } where ? ReadTrack(TextOf(where)) : FieldRead<string?>.Of(null);
        var joined = _joined is { } at ? ReadTime(at) : FieldRead<Instant>.Of(default);
        var isGood = Accept(report, Customer, customer)
            & Accept(report, Level, level)
            & Accept(report, Date, time)
            & Accept(report, _reason ?? 0, reason)
            & Accept(report, _track ?? 0, track)
            & Accept(report, _joined ?? 0, joined);
        if (!isGood)
        {
            return;
        }

        var row = new LevelRow(customer.Value, level.Value, time.Value, reason.Value, track.Value, _joined is null ? null : joined.Value, Line);
        if (_history.Add(row) is { } earlier)
        {
            var message = $"Row {earlier} says something else of the same member at the same time.";
            report.Write(new RowError(Line, _map.Level, ErrorCode.Conflict, message, level.Value));
        }
    }

    private FieldRead<Instant> ReadTime(int column) => TextOf(column) is var text && Decoded(text) ? _times.Read(text) : NotDecoded<Instant>();

    /// <summary>A row without a track is of the main ladder.</summary>
    private static FieldRead<string?> ReadTrack(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return FieldRead<string?>.Of(null);
        }

        var read = ReadId(text, TrackLengthMax);
        return read.Code is { } code ? FieldRead<string?>.Failed(code, read.Message!) : FieldRead<string?>.Of(read.Value);
    }

    private static FieldRead<string?> ReadReason(string text)
    {
        if (!Decoded(text) || text.Contains('\0'))
        {
            return NotDecoded<string?>();
        }

        return text.Length > ReasonLengthMax
            ? FieldRead<string?>.Failed(FieldErrorCode.TooLong, $"A reason has at most {ReasonLengthMax} characters.")
            : FieldRead<string?>.Of(string.IsNullOrWhiteSpace(text) ? null : text);
    }
}
