using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Cache;

internal static partial class CacheLog
{
    [LoggerMessage(59, LogLevel.Debug, "Linking to Redis at {Servers}.")]
    public static partial void Linking(ILogger logger, string servers);

    [LoggerMessage(90, LogLevel.Information, "Linked to Redis at {Servers}; a new generation of the cache begins.")]
    public static partial void RedisLinked(ILogger logger, string servers);

    [LoggerMessage(91, LogLevel.Warning, "Redis at {Servers} is lost; reads ask the database until it is back: {Reason}")]
    public static partial void RedisLost(ILogger logger, string servers, string reason);

    [LoggerMessage(92, LogLevel.Warning, "Redis at {Servers} cannot be reached; trying again.")]
    public static partial void RedisUnreachable(ILogger logger, string servers, Exception exception);

    [LoggerMessage(93, LogLevel.Warning, "{Count} commits could not be told to the other nodes; a new generation of the cache begins.")]
    public static partial void NotTold(ILogger logger, int count, Exception exception);

    [LoggerMessage(94, LogLevel.Warning, "More than {Count} commits wait to be told to the other nodes; a new generation of the cache begins.")]
    public static partial void OutboxOverflows(ILogger logger, int count);

    [LoggerMessage(95, LogLevel.Warning, "The other nodes cannot be looked up; memory is not used until they can.")]
    public static partial void NodesUnknown(ILogger logger, Exception exception);

    [LoggerMessage(97, LogLevel.Error, "A commit could not be noted in the cache; everything is read anew.")]
    public static partial void NotNoted(ILogger logger, Exception exception);

    [LoggerMessage(98, LogLevel.Warning, "The write-behind of {Name} failed and is tried again.")]
    public static partial void NotFlushed(ILogger logger, string name, Exception? exception);

    [LoggerMessage(125, LogLevel.Error, "Redis at {Servers} is not used: {Reason}.")]
    public static partial void RedisRefused(ILogger logger, string servers, string reason);
}
