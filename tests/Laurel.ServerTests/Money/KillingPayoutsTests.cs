using System.Collections.Concurrent;
using System.Globalization;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Money;

/// <summary>The process is killed while recharges are paid and withdrawals are on their way, between any two of their states. In the end
/// each payment was credited once, and what the bank paid is what left the balances.</summary>
public sealed class KillingPayoutsTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int KillCount = 5;
    private const int OrderCount = 40;
    private const long Opening = 1_000_000;

    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _paidByBank = new();
    private readonly ConcurrentBag<Task> _callbacks = [];
    private LaurelServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CreditsAndPaysOnce_When_TheServerIsKilledBetweenTheStates(DatabaseUnderTest database)
    {
        var random = new Random(Seed.Draw(output));
        await using var bank = await Receiver.StartAsync();
        bank.Answer("/payouts", PayAsync);
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney(bank.Address + "/payouts");
        _server = await LaurelServer.StartAsync(site, Cancellation);
        try
        {
            var members = await AtOnce.RunAsync(4, i => _server.NewPayeeAsync($"payee-{i}", Opening));
            var orders = AtOnce.RunAsync(OrderCount, async i =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(i * 60), TimeProvider.System, Cancellation);
                await RechargeAsync(members[i % 4], 1_000 + i, $"r-{i}");
                await WithdrawAsync(members[i % 4], 2_000 + i, $"w-{i}");
                return i;
            });
            for (var kill = 0; kill < KillCount; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 1_500)), TimeProvider.System, Cancellation);
                await _server.Process.KillAsync(Cancellation);
                await _server.DisposeAsync();
                _server = await LaurelServer.StartAsync(site, Cancellation);
            }

            await orders;
            await Waiting.UntilAsync(async () => (await OpenAsync()) == 0, "every withdrawal came to an end", Cancellation, seconds: 90);
            await Task.WhenAll(_callbacks);
            await CheckAsync(members);
            output.WriteLine($"{_asked.Values.Sum()} requests for {_asked.Count} payouts");
            await site.VerifyAsync(Cancellation);
        }
        finally
        {
            await _server.DisposeAsync();
        }
    }

    private async Task CheckAsync(string[] members)
    {
        var expected = members.ToDictionary(member => member, _ => Opening);
        for (var i = 0; i < OrderCount; i++)
        {
            var status = await _server.StatusOfAsync($"w-{i}");
            status.ShouldBe(_paidByBank[$"w-{i}"] ? "paid" : "failed", $"w-{i}");
            expected[members[i % 4]] += 1_000 + i - (_paidByBank[$"w-{i}"] ? 2_000 + i : 0);
        }

        foreach (var (member, balance) in expected)
        {
            (await _server.BalanceAsync(member)).ShouldBe((balance, 0));
        }
    }

    private async Task<int> OpenAsync()
    {
        var open = 0;
        foreach (var status in (string[])["applied", "approved", "sending"])
        {
            open += (await _server.GetAsync($"/api/balance/withdrawals?status={status}&limit=200")).Json.GetProperty("items").GetArrayLength();
        }

        return open;
    }

    private async Task RechargeAsync(string member, long amount, string id)
    {
        await StubbornlyAsync(() => _server.RechargeAsync(member, amount, id), answer => answer.Status == 201);
        await StubbornlyAsync(() => _server.PaidAsync(id, amount, "pay-" + id), answer => answer.Status == 200);
    }

    private async Task WithdrawAsync(string member, long amount, string id)
    {
        await StubbornlyAsync(() => _server.WithdrawAsync(member, amount, id), answer => answer.Status == 201);

        // Whoever hears nothing of an approval finds it done: the state says so.
        await StubbornlyAsync(() => _server.ApproveAsync(id), answer => answer.Status == 200 || answer.Code == "WITHDRAWAL_STATE");
    }

    /// <summary>A bank that pays one id once, and says so in one of four ways.</summary>
    private async Task PayAsync(HttpContext context)
    {
        var id = context.Request.Headers["webhook-id"].ToString();
        var attempt = _asked.AddOrUpdate(id, 1, (_, before) => before + 1);
        var manner = int.Parse(id.AsSpan(2), CultureInfo.InvariantCulture) % 4;
        _paidByBank.TryAdd(id, manner != 1);

        // Some requests are under way whenever the process dies.
        await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, Cancellation);
        switch (manner)
        {
            case 0:
                await context.Response.WriteAsJsonAsync(new { status = "paid", providerReference = "po-" + id }, Cancellation);
                break;
            case 1:
                await context.Response.WriteAsJsonAsync(new { status = "failed", reason = "no such account" }, Cancellation);
                break;
            case 2:
                await context.Response.WriteAsJsonAsync(new { status = "accepted", providerReference = "po-" + id }, Cancellation);
                _callbacks.Add(CallBackAsync(id));
                break;
            default:
                // It paid, and its answer got lost.
                context.Response.StatusCode = attempt == 1 ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
                await context.Response.WriteAsJsonAsync(new { status = attempt == 1 ? "broken" : "paid" }, Cancellation);
                break;
        }
    }

    private async Task CallBackAsync(string id)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        await StubbornlyAsync(
            () => _server.SendAsync(Payments.Signed($"/api/balance/withdrawals/{id}/result", new { status = "paid", providerReference = "po-" + id }, Payments.PayoutSecret)),
            answer => answer.Status == 200);
    }

    /// <summary>Asks until it is answered as it should be; servers come and go meanwhile.</summary>
    private static async Task StubbornlyAsync(Func<Task<Answer>> call, Func<Answer, bool> isDone)
    {
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        var last = "nothing";
        while (true)
        {
            try
            {
                var answer = await call();
                if (isDone(answer))
                {
                    return;
                }

                last = answer.Outcome;
                answer.Status.ShouldBe(503, answer.Text);
            }
            catch (Exception exception) when (exception is HttpRequestException or ObjectDisposedException or TaskCanceledException)
            {
                Cancellation.ThrowIfCancellationRequested();
            }

            System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(90), last);
            await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System, Cancellation);
        }
    }
}
