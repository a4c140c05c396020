using Laurel.ContractTests.Events;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Coupons;

/// <summary>A batch of codes is made whole, however often whoever makes it is stopped, and by however many at once.</summary>
public sealed class MakingCodesTests(DatabaseServers servers) : IClassFixture<DatabaseServers>
{
    private const int Total = 20_250;

    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreExactlyAsManyAsAskedFor_When_TheJobIsStoppedAndRunsTwice(DatabaseUnderTest kind)
    {
        await using var database = await EventsDatabase.OpenAsync(kind, servers);
        await CouponDatabase.WriteTemplateAsync(database.Node);
        var node = database.Node;
        var command = new CreateCouponBatch(s_tenant, CouponDatabase.Template, Total, "many", "test", node.Books, node.Secrets);
        (await node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Applied>();

        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var run = JobOf(node).RunAsync(stop.Token);
            while (!run.IsCompleted && await MadeAsync(database) == 0)
            {
                await Task.Yield();
            }

            await stop.CancelAsync();
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // One of two that run side by side may find the other's piece and give up; the job runs again.
        await Task.WhenAll(JobOf(node).RunAsync(Cancellation), JobOf(node).RunAsync(Cancellation)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await JobOf(node).RunAsync(Cancellation);

        (await MadeAsync(database)).ShouldBe(Total);
        (await database.QueryAsync<long>("SELECT COUNT(*) FROM coupon_codes")).ShouldBe([Total]);
        (await new Verifier(database.Database).RunAsync(null, Cancellation)).Invariants.SelectMany(invariant => invariant.Offences).ShouldBeEmpty();
    }

    private static CouponCodeJob JobOf(LaurelNode node) => new(node.Database, node.Lanes, node.Books, node.Secrets);

    private static async Task<long> MadeAsync(EventsDatabase database) => (await database.QueryAsync<long>("SELECT made FROM coupon_batches"))[0];
}
