using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

internal static partial class LaneLog
{
    [LoggerMessage(1, LogLevel.Error, "A command of type {Command} threw; it was dropped and the rest of its batch went on.")]
    public static partial void CommandThrew(ILogger logger, string command, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "A batch of {Count} commands met {Failure} and is tried again.")]
    public static partial void BatchRetried(ILogger logger, int count, string failure, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "A batch of {Count} commands failed.")]
    public static partial void BatchFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The connection broke during a commit; batch {BatchId} turned out {Fate}.")]
    public static partial void CommitResolved(ILogger logger, long batchId, string fate);

    [LoggerMessage(7, LogLevel.Error, "{Count} questions could not be answered.")]
    public static partial void QuestionsFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The database cannot be reached; trying again.")]
    public static partial void Unreachable(ILogger logger, Exception exception);

    [LoggerMessage(
        6,
        LogLevel.Critical,
        "The disk failed under the database. What the last batch wrote may or may not be on it; its callers were told so, and this process ends, so that the next one begins with what the disk holds.")]
    public static partial void DiskFailed(ILogger logger, Exception exception);
}
