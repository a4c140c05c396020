using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Membership.Levels;

namespace Laurel.Membership.Verification;

/// <summary>One change of a level as it is stored.</summary>
internal sealed record LevelChangeRow : IMemberRow
{
    public static readonly SetStatement<PageKey> Pages = VerificationPages.Page(
        "SELECT c.tenant_id, c.member_id, c.id, c.from_code, c.to_code, c.track FROM {level_changes c}",
        "c.tenant_id", "c.member_id, c.id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Id { get; init; }

    public required string? From { get; init; }

    public required string To { get; init; }

    /// <summary>Null of the main ladder.</summary>
    public required string? Track { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Id };

    public static LevelChangeRow Read(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Id = row.Int64(2),
        From = row.TextOrNull(3),
        To = row.Text(4),
        Track = row.TextOrNull(5),
    };
}

/// <summary>Follows a member's level through its history, on the main ladder and in each track: each change begins where the one before it ended, and
/// the last is the level held. The first in a track begins at a lowest level that some version of the programme gave it.</summary>
internal sealed class LevelReplay(Findings findings, MemberRow member)
{
    private readonly Dictionary<string, string> _inTracks = [];
    private string? _level;
    private bool _hasHistory;

    public void Apply(LevelChangeRow change, ProgrammeHistory programmes)
    {
        if (change.Track is { } track)
        {
            var isFirst = !_inTracks.TryGetValue(track, out var before);
            if (isFirst ? !programmes.HasLowest(member.Tenant, track, change.From) : change.From != before)
            {
                Report("level_changes", change.Id, $"a change in the track {track} from {before ?? "its lowest level"}", change.From ?? "nothing");
            }

            _inTracks[track] = change.To;
            return;
        }

        if (change.From != _level)
        {
            Report("level_changes", change.Id, $"a change from {_level ?? "nothing"}", change.From ?? "nothing");
        }

        (_level, _hasHistory) = (change.To, true);
    }

    public void Close(LevelState state, ProgrammeHistory programmes)
    {
        findings.Look(InvariantCode.I10);
        if (!_hasHistory || _level != member.LevelCode)
        {
            Report("members", member.Member, $"level {_level ?? "with a history"}", member.LevelCode);
        }

        foreach (var (track, level) in _inTracks)
        {
            if (state.InTrack(track)?.Level is var held && held != level)
            {
                Report("members", member.Member, $"level {level} in the track {track}", held ?? "none");
            }
        }

        // What was never changed is a lowest level of the track.
        foreach (var standing in (state.Tracks ?? []).Where(standing => !_inTracks.ContainsKey(standing.Track)))
        {
            if (!programmes.HasLowest(member.Tenant, standing.Track, standing.Level))
            {
                Report("members", member.Member, $"a lowest level in the track {standing.Track}", standing.Level);
            }
        }
    }

    private void Report(string table, long id, string expected, string found) => findings.Report(InvariantCode.I10, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = table,
        Id = id.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
