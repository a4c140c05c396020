using Laurel.Membership.Levels;

namespace Laurel.Membership.Verification;

/// <content>The levels that the replayed figures deserve: I10.</content>
internal sealed partial class MemberReplay
{
    private void CheckLevel()
    {
        _findings.Look(InvariantCode.I10);
        var state = LevelState.Parse(_member.LevelState);
        Owes(null, state, state.Own?.Code ?? _member.LevelCode);
        foreach (var track in _programmes.TracksSince(_member.Tenant, _judgedBy))
        {
            Owes(track, state.InTrack(track)?.State ?? LevelState.None, state.InTrack(track)?.Level);
        }

        Levels.Close(state, _programmes);
    }

    /// <param name="level">Null for the lowest.</param>
    private void Owes(string? track, LevelState state, string? level)
    {
        if (state is { IsPinned: false, Cooldown: null }
            && _programmes.LowestLevelOwed(_member.Tenant, track, _judgedBy, level, _member.Lifetime) is { } owed)
        {
            var ladder = track is null ? "" : $" in the track {track}";
            Report(InvariantCode.I10, "members", MemberText, $"level {owed} or higher{ladder} for {_member.Lifetime} lifetime points", level ?? "the lowest");
        }
    }
}
