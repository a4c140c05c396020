using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Levels;

/// <summary>What changes of single levels make of a programme. Levels stand in the order of their thresholds, whoever adds one.</summary>
internal static class LevelEdits
{
    public static ProgrammeEdit Added(Programme programme, Level level) => programme.Levels.Any(other => other.Code == level.Code)
        ? new ProgrammeEdit.Refused(new Refusal(ErrorCode.LevelExists, ("levelCode", level.Code)))
        : Sorted(programme, [.. programme.Levels, level]);

    public static ProgrammeEdit Replaced(Programme programme, string code, Func<Level, Level> change) => programme.Levels.Any(level => level.Code == code)
        ? Sorted(programme, programme.Levels.Select(level => level.Code == code ? change(level) : level))
        : new ProgrammeEdit.Refused(NotFound(code));

    /// <summary>Closes a level whose members are to be moved.</summary>
    public static ProgrammeEdit Closed(Programme programme, string code, string moveTo) =>
        Replaced(programme, code, level => level with { Active = false, MoveTo = moveTo });

    /// <summary>Removes a level. Nobody is moved to it any more: who was on the way there goes where it went.</summary>
    public static ProgrammeEdit Removed(Programme programme, string code)
    {
        if (programme.Levels.FirstOrDefault(level => level.Code == code) is not { } removed)
        {
            return new ProgrammeEdit.Refused(NotFound(code));
        }

        var left = programme.Levels.Remove(removed);
        return new ProgrammeEdit.To(programme with
        {
            Levels = [.. left.Select(level => level.MoveTo == code ? level with { MoveTo = removed.MoveTo } : level)],
        });
    }

    public static Refusal NotFound(string code) => new(ErrorCode.LevelNotFound, ("levelCode", code));

    private static ProgrammeEdit.To Sorted(Programme programme, IEnumerable<Level> levels) =>
        new(programme with { Levels = [.. levels.OrderBy(level => level.Threshold)] });
}
