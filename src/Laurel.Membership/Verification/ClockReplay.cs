using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Verification;

/// <summary>The clock of one member's points that lapse by inactivity, from the entries alone: I3 and I8.</summary>
/// <remarks>Reads what counts as activity from the version of the programme that each entry names, and shares no code with what decided.</remarks>
internal sealed class ClockReplay(int tenant, ProgrammeHistory programmes)
{
    /// <summary>Stands for the end of a lot that lapses by inactivity.</summary>
    public const long WhenInactive = long.MaxValue - 1;

    private int _version;
    private BusinessCalendar? _calendar;
    private string? _zone;

    /// <summary>When it runs out; null where it was never started.</summary>
    public long? RunsOutAt { get; private set; }

    /// <summary>As it stood at a cut.</summary>
    public void Begin(long? runsOutAt) => RunsOutAt = runsOutAt;

    /// <summary>A lot without a date starts it, unless it runs; activity turns it on.</summary>
    public void Apply(EntryRow entry)
    {
        _version = entry.RuleVersion;
        if (entry.ExpiresAt == WhenInactive && (RunsOutAt is not { } end || end <= entry.OccurredAt))
        {
            RunsOutAt = EndAfter(entry.OccurredAt);
        }

        if (RunsOutAt is not null && IsActivity(entry))
        {
            Turn(entry.OccurredAt);
        }
    }

    /// <summary>A lot that becomes active later has its time from then on. Its change follows the entry that granted it. One that a carryover has left
    /// without a date starts the clock, unless it runs.</summary>
    public void Apply(LotChangeRow change)
    {
        if (change is { Kind: "carry", ExpiresAfter: WhenInactive } && (RunsOutAt is not { } runsOutAt || runsOutAt <= change.OccurredAt))
        {
            _version = VersionOf(change);
            RunsOutAt = EndAfter(change.OccurredAt);
        }

        if (change is { Kind: "pend", ExpiresAfter: WhenInactive } && change.ActiveAfter != long.MaxValue)
        {
            Turn(change.ActiveAfter);
        }
    }

    /// <summary>When points lapse by inactivity is what the entries tell of the member's activity.</summary>
    public void Close(Findings findings, MemberRow member)
    {
        findings.Look(InvariantCode.I3);
        if (RunsOutAt != member.InactiveAt)
        {
            findings.Report(InvariantCode.I3, new Offence
            {
                Tenant = member.Tenant,
                Member = member.Member,
                Table = "members",
                Id = member.Member.ToString(CultureInfo.InvariantCulture),
                Expected = $"inactive_at {TextOf(RunsOutAt)}",
                Found = TextOf(member.InactiveAt),
            });
        }
    }

    private static string TextOf(long? time) => time is { } known ? MemberReplay.At(known) : "none";

    /// <summary>Whether a carryover may have given the lot that end: by the version that it names, never before its date.</summary>
    public bool IsCarried(LotChangeRow change)
    {
        if (programmes.Find(tenant, VersionOf(change)) is not { Carryover: { Lots: { } lots } carryover } programme)
        {
            return false;
        }

        var calendar = new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById(programme.TimeZone));
        var from = Instant.From(carryover.From).UnixMicroseconds;
        var end = lots.Inactivity ? WhenInactive
            : lots.LastDayFor(calendar.DayOf(new Instant(change.ActiveAfter))) is { } last ? Math.Max(from, calendar.StartOf(last.AddDays(1)).UnixMicroseconds)
            : long.MaxValue;
        return change.ExpiresAfter == end && change.ActiveAfter < from && change.OccurredAt >= from;
    }

    private static int VersionOf(LotChangeRow change) =>
        int.TryParse(change.Reference, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private void Turn(long time)
    {
        if (EndAfter(time) is { } end)
        {
            RunsOutAt = Math.Max(RunsOutAt ?? long.MinValue, end);
        }
    }

    private bool IsActivity(EntryRow entry)
    {
        var counted = programmes.Find(tenant, _version)?.Inactivity.ResetBy ?? [];
        return entry.Kind switch
        {
            "merge" => true,
            "earn" when entry.Rule == "earn" => counted.Contains("points.earned"),
            "earn" => programmes.Find(tenant, _version)!.Rules.Any(rule => rule.Code == entry.Rule && counted.Contains(rule.Trigger)),
            "spend" => entry.Unit == "points" && counted.Contains("points.spent"),
            "transfer" => entry.Amount < 0 && counted.Contains("points.transferred"),
            "exchange" => counted.Contains("points.exchanged"),
            _ => false,
        };
    }

    /// <summary>The first midnight of the business after the last day; null where no version tells.</summary>
    private long? EndAfter(long time)
    {
        if (programmes.Find(tenant, _version) is not { } programme)
        {
            return null;
        }

        if (_calendar is null || _zone != programme.TimeZone)
        {
            (_calendar, _zone) = (new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById(programme.TimeZone)), programme.TimeZone);
        }

        var calendar = _calendar;
        return calendar.StartOf(calendar.DayOf(new Instant(time)).AddDays(programme.Inactivity.Days + 1)).UnixMicroseconds;
    }
}
