using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Importing;

/// <summary>An import that was killed goes on where it stopped.</summary>
public sealed class ResumingAnImportTests : IDisposable
{
    private const int Orders = 30_000;
    private const int Customers = 4_000;

    private readonly ImportFolder _killed = new();
    private readonly ImportFolder _whole = new();

    public void Dispose()
    {
        _killed.Dispose();
        _whole.Dispose();
    }

    [Fact]
    public async Task EndsAsIfNeverKilled_When_KilledInTheMiddle()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var lines = Enumerable.Range(0, Orders).Select(RowOf).Prepend("order_id,customer_id,date,amount").ToArray();
        _killed.Write(lines);
        _whole.Write(lines);
        var committed = await KillInTheMiddleAsync(cancellationToken);

        var run = await _killed.ImportAsync(cancellationToken);
        (await _whole.ImportAsync(cancellationToken)).ExitCode.ShouldBe(0);

        run.ExitCode.ShouldBe(0, run.Errors);
        run["duplicates"].ShouldBe(committed);
        run["orders applied"].ShouldBe(Orders - committed);
        (await FiguresAsync(_killed, cancellationToken)).ShouldBe(await FiguresAsync(_whole, cancellationToken));
    }

    /// <returns>The orders that were committed when the process died: some, not all.</returns>
    private async Task<long> KillInTheMiddleAsync(CancellationToken cancellationToken)
    {
        await using var process = _killed.Start();
        while (!process.HasExited && await _killed.CountOrdersAsync(cancellationToken) == 0)
        {
            // The other process has no signal to wait for.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }

        process.Kill();
        await process.WaitAsync(cancellationToken);
        var committed = await _killed.CountOrdersAsync(cancellationToken);
        committed.ShouldBeInRange(1, Orders - 1);
        return committed;
    }

    private static async Task<string[]> FiguresAsync(ImportFolder folder, CancellationToken cancellationToken)
    {
        var balances = await folder.ReadBalancesAsync(new(2024, 7, 1, 0, 0, 0, TimeSpan.Zero), cancellationToken);
        balances.Count.ShouldBe(Customers);
        return
        [
            .. balances.Values
                .Select(b => $"{b.ExternalId} {b.MemberCode} {b.Available} {b.Lifetime} {b.Growth} {b.LevelCode}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string RowOf(int number)
    {
        var customer = number * 7919L % Customers;
        var day = new DateOnly(2024, 1, 1).AddDays((int)(number * 31L % 120));
        return $"o-{number},c-{customer},{day:yyyy-MM-dd},{number * 17L % 90_000 / 100}.{number % 100:D2}";
    }
}
