using System.Globalization;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Imports;

/// <summary>Reads the times of a file: a date is the start of that business day, an instant is itself.</summary>
/// <param name="calendar">The tenant's business days.</param>
/// <param name="latest">The latest time that is not in the future.</param>
internal sealed class BusinessTimes(BusinessCalendar calendar, Instant latest)
{
    private const int InstantLengthMax = 64;

    /// <summary>The latest time that is taken.</summary>
    public Instant Latest => latest;

    // A file has few days and many rows, and a time zone takes its time to answer.
    private readonly Dictionary<DateOnly, Instant> _starts = [];

    /// <param name="text"><c>2026-01-31</c>, or RFC 3339 with an offset.</param>
    public FieldRead<Instant> Read(ReadOnlySpan<char> text)
    {
        text = text.Trim(' ');
        if (Find(text) is not { } time || time < Rfc3339.Earliest || time > Rfc3339.Latest)
        {
            return FieldRead<Instant>.Failed(
                RowErrorCode.DateInvalid,
                "A date is written 2026-01-31, an instant 2026-01-31T08:00:00Z, between the years 1900 and 2999.");
        }

        return time > latest
            ? FieldRead<Instant>.Failed(ErrorCode.TimeInFuture, $"The time lies in the future; the latest is {latest}.")
            : FieldRead<Instant>.Of(time);
    }

    private Instant? Find(ReadOnlySpan<char> text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day.Year is >= 1900 and <= 2999 ? StartOf(day) : null;
        }

        Span<byte> bytes = stackalloc byte[InstantLengthMax];
        return text.Length <= InstantLengthMax && Ascii.FromUtf16(text, bytes, out var length) == System.Buffers.OperationStatus.Done
            && Rfc3339.TryParse(bytes[..length], out var time) ? time : null;
    }

    private Instant StartOf(DateOnly day)
    {
        if (!_starts.TryGetValue(day, out var start))
        {
            _starts.Add(day, start = calendar.StartOf(day));
        }

        return start;
    }
}
