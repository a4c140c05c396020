using System.Collections.Concurrent;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Points of time: <c>timestamp('2026-11-21T08:00:00+08:00')</c>, their calendar fields in a time zone, arithmetic.</summary>
internal static class Timestamps
{
    private const int ZoneNameMax = 64;
    private const long SecondsToYearOne = 62_135_596_800;

    /// <summary>Zones that were asked for; only names that exist are kept, so that nobody can fill it.</summary>
    private static readonly ConcurrentDictionary<string, TimeZoneInfo> s_zones = new();

    public static void Declare(FunctionTable table)
    {
        table.Pure("timestamp", (Timestamp a) => a);
        table.Add("timestamp", Overload.Of((Fallible<string, Timestamp>)Rfc3339.Parse));
        table.Add("timestamp", Overload.Of(static (long a, ref EvaluationState state) =>
            From((Int128)a * Timestamp.NanosPerSecond, ref state)));
        table.Add("_+_", Overload.Of(static (Timestamp a, Duration b, ref EvaluationState state) => From(Nanos(a) + b.Nanos, ref state)));
        table.Add("_+_", Overload.Of(static (Duration a, Timestamp b, ref EvaluationState state) => From(a.Nanos + Nanos(b), ref state)));
        table.Add("_-_", Overload.Of(static (Timestamp a, Duration b, ref EvaluationState state) => From(Nanos(a) - b.Nanos, ref state)));
        table.Add("_-_", Overload.Of(static (Timestamp a, Timestamp b, ref EvaluationState state) =>
            Durations.From(Nanos(a) - Nanos(b), ref state)));

        Field(table, "getFullYear", static time => time.Year);
        Field(table, "getMonth", static time => time.Month - 1);
        Field(table, "getDate", static time => time.Day);
        Field(table, "getDayOfMonth", static time => time.Day - 1);
        Field(table, "getDayOfWeek", static time => (int)time.DayOfWeek);
        Field(table, "getDayOfYear", static time => time.DayOfYear - 1);
        Field(table, "getHours", static time => time.Hour);
        Field(table, "getMinutes", static time => time.Minute);
        Field(table, "getSeconds", static time => time.Second);
        table.AddMethod("getMilliseconds", Overload.Of(static (Timestamp a) => (long)(a.Nanos / 1_000_000)));
        table.AddMethod("getMilliseconds", Overload.Of(static (Timestamp a, string zone, ref EvaluationState state) =>
        {
            _ = Offset(a, zone, ref state);
            return (long)(a.Nanos / 1_000_000);
        }));
    }

    public static Timestamp From(Int128 nanos, ref EvaluationState state)
    {
        var (seconds, rest) = Int128.DivRem(nanos, Timestamp.NanosPerSecond);
        if (rest < 0)
        {
            (seconds, rest) = (seconds - 1, rest + Timestamp.NanosPerSecond);
        }

        if (seconds >= Timestamp.SecondsMin && seconds <= Timestamp.SecondsMax)
        {
            return new Timestamp((long)seconds, (int)rest);
        }

        state.Fail(ExpressionErrorCode.ValueOutOfRange);
        return default;
    }

    private static Int128 Nanos(Timestamp time) => ((Int128)time.Seconds * Timestamp.NanosPerSecond) + time.Nanos;

    private static void Field(FunctionTable table, string name, Func<DateTime, int> part)
    {
        table.AddMethod(name, Overload.Of((Timestamp a, ref EvaluationState state) => (long)part(Local(a, 0, ref state))));
        table.AddMethod(name, Overload.Of((Timestamp a, string zone, ref EvaluationState state) =>
            (long)part(Local(a, Offset(a, zone, ref state), ref state))));
    }

    private static DateTime Local(Timestamp time, long offset, ref EvaluationState state)
    {
        var seconds = time.Seconds + offset;
        if (seconds is >= Timestamp.SecondsMin and <= Timestamp.SecondsMax)
        {
            return new DateTime((seconds + SecondsToYearOne) * TimeSpan.TicksPerSecond, DateTimeKind.Unspecified);
        }

        state.Fail(ExpressionErrorCode.ValueOutOfRange);
        return default;
    }

    /// <summary>Seconds that a zone is ahead of UTC then: an IANA name, or hours and minutes as <c>+08:00</c> or <c>08:00</c>.</summary>
    private static long Offset(Timestamp time, string zone, ref EvaluationState state)
    {
        if (zone is "UTC" or "Z" or "")
        {
            return 0;
        }

        if (FixedOffset(zone) is { } seconds)
        {
            return seconds;
        }

        if (!s_zones.TryGetValue(zone, out var found))
        {
            if (!state.Charge(ExpressionLimits.DearSteps))
            {
                return 0;
            }

            if (!IsName(zone) || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out found))
            {
                state.Fail(ExpressionErrorCode.ZoneUnknown);
                return 0;
            }

            s_zones[zone] = found;
        }

        return found.GetUtcOffset(time.ToDateTimeOffset()).Ticks / TimeSpan.TicksPerSecond;
    }

    private static long? FixedOffset(string zone)
    {
        var digits = zone.AsSpan(zone[0] is '+' or '-' ? 1 : 0);
        return digits.Length == 5 && digits[2] == ':' && Rfc3339.Number(digits[..2]) is >= 0 and <= 23 and var hours
            && Rfc3339.Number(digits[3..]) is >= 0 and <= 59 and var minutes
            ? ((hours * 3_600) + (minutes * 60)) * (zone[0] == '-' ? -1 : 1)
            : null;
    }

    // Names become names of files on the system's side, so that nothing but a name may get there.
    private static bool IsName(string zone)
    {
        if (zone.Length > ZoneNameMax || zone.StartsWith('/'))
        {
            return false;
        }

        foreach (var c in zone)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('/' or '_' or '-' or '+'))
            {
                return false;
            }
        }

        return true;
    }
}
