using System.Globalization;
using Laurel.Identity.Passwords;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity;

/// <summary>Hashes give way, and nobody else does because of them.</summary>
public sealed class PasswordWorkTests
{
    private const int Sleepers = 48;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A worker has the niceness of the thread that made the pool start it: half a second was lost beside ten sign-ins a second.</summary>
    [Fact]
    public async Task MakesNoWorkerOfThePoolNice_When_AResultNeedsOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Niceness of threads is Linux's.");
        ThreadPool.GetMinThreads(out var workers, out var ports);
        using var end = new ManualResetEventSlim();
        try
        {
            // All workers are busy, and the pool may have more: what is queued next starts one, from the thread that queues it.
            ThreadPool.SetMinThreads(Sleepers, ports);
            var sleepers = Enumerable.Range(0, Sleepers).Select(_ => Task.Run(() => end.Wait(TimeSpan.FromSeconds(30)), Cancellation)).ToList();
            ThreadPool.SetMinThreads(Sleepers * 2, ports);
            using var work = new PasswordWork(1);
            var hash = (await work.HashAsync("a password", Cancellation)).ShouldNotBeNull();
            for (var i = 0; i < 8; i++)
            {
                (await work.IsRightAsync(hash, "a password", Cancellation)).ShouldBe(true);
            }

            var threads = Threads();
            threads.ShouldContain(thread => thread.Name == "passwords" && thread.Niceness > 0);
            threads.Where(thread => thread.Name.StartsWith(".NET TP", StringComparison.Ordinal)).ShouldAllBe(thread => thread.Niceness == 0);
            end.Set();
            await Task.WhenAll(sleepers);
        }
        finally
        {
            end.Set();
            ThreadPool.SetMinThreads(workers, ports);
        }
    }

    // proc(5): niceness is the 19th field of stat; the name before it stands in brackets.
    private static List<(string Name, int Niceness)> Threads() =>
        [.. Directory.GetDirectories("/proc/self/task").Select(folder =>
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return (File.ReadAllText(Path.Combine(folder, "comm")).Trim(), int.Parse(fields[16], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended meanwhile.
                return ("", 0);
            }
        })];
}
