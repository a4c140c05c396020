using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Levels;

/// <summary>What changes of single levels make of a programme. Levels stand in the order of their thresholds, whoever adds one.</summary>
/// <remarks>Each is of a track, or of the main ladder where the track is null.</remarks>
internal static class LevelEdits
{
    public static ProgrammeEdit Added(Programme programme, string? track, Level level) => LevelsOf(programme, track) is not { } levels
        ? new ProgrammeEdit.Refused(TrackNotFound(track))
        : levels.Any(other => other.Code == level.Code)
            ? new ProgrammeEdit.Refused(new Refusal(ErrorCode.LevelExists, ("levelCode", level.Code)))
            : Sorted(programme, track, [.. levels, level]);

    public static ProgrammeEdit Replaced(Programme programme, string? track, string code, Func<Level, Level> change) => LevelsOf(programme, track) is not { } levels
        ? new ProgrammeEdit.Refused(TrackNotFound(track))
        : levels.Any(level => level.Code == code)
            ? Sorted(programme, track, levels.Select(level => level.Code == code ? change(level) : level))
            : new ProgrammeEdit.Refused(NotFound(code));

    /// <summary>Closes a level whose members are to be moved.</summary>
    public static ProgrammeEdit Closed(Programme programme, string? track, string code, string moveTo) =>
        Replaced(programme, track, code, level => level with { Active = false, MoveTo = moveTo });

    /// <summary>Removes a level. Nobody is moved to it any more: who was on the way there goes where it went.</summary>
    public static ProgrammeEdit Removed(Programme programme, string? track, string code)
    {
        if (LevelsOf(programme, track) is not { } levels)
        {
            return new ProgrammeEdit.Refused(TrackNotFound(track));
        }

        return levels.FirstOrDefault(level => level.Code == code) is not { } removed
            ? new ProgrammeEdit.Refused(NotFound(code))
            : Sorted(programme, track, levels.Remove(removed).Select(level => level.MoveTo == code ? level with { MoveTo = removed.MoveTo } : level));
    }

    /// <summary>The levels of a track, or of the main ladder; null when there is no such track.</summary>
    public static ImmutableArray<Level>? LevelsOf(Programme programme, string? track) =>
        track is null ? programme.Levels : programme.Tracks.FirstOrDefault(one => one.Code == track)?.Levels;

    public static Refusal NotFound(string code) => new(ErrorCode.LevelNotFound, ("levelCode", code));

    public static Refusal TrackNotFound(string? code) => new(ErrorCode.TrackNotFound, ("track", code));

    private static ProgrammeEdit.To Sorted(Programme programme, string? track, IEnumerable<Level> levels)
    {
        ImmutableArray<Level> sorted = [.. levels.OrderBy(level => level.Threshold)];
        return new ProgrammeEdit.To(track is null
            ? programme with { Levels = sorted }
            : programme with { Tracks = [.. programme.Tracks.Select(one => one.Code == track ? one with { Levels = sorted } : one)] });
    }
}
