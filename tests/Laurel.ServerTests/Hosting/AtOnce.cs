namespace Laurel.ServerTests.Hosting;

/// <summary>Many callers at the same time.</summary>
internal static class AtOnce
{
    /// <summary>Starts all calls before any is waited for; their results come in order.</summary>
    public static Task<T[]> RunAsync<T>(int count, Func<int, Task<T>> call) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(call));
}
