using System.Globalization;
using Laurel.ContractTests.Openings;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Openings;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>Members that were merged below a cut: what their orders earned is refunded, and the merge undone, above it.</summary>
public sealed class MergesAcrossTheCutTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoOn_When_OldEntriesAreDetached(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "merges");
        var history = new LongHistory(database);
        database.At("2023-07-01");
        foreach (var name in (string[])["anna", "bo", "cy", "dee"])
        {
            var request = new RegisterRequest { ExternalId = name, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(database.Clock) };
            await history.AppliedAsync(new RegisterMember(s_tenant, request, database.Books, database.Vault));
        }

        await history.NowAsync("2023-08-01", _ => Order(database, "anna", "o-a", 80_000));
        await history.NowAsync("2023-08-02", _ => Order(database, "cy", "o-c", 60_000));
        await history.NowAsync("2023-09-01", _ => Merge(database, "anna", "bo"));
        var second = await MergedAsync(database, history, "2023-09-02", "cy", "dee");
        await history.NowAsync("2023-10-01", _ => Refund(database, "o-a", 20_000, "r-1"));
        (await database.VerifyAsync()).ShouldBeSound();

        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();

        (await database.VerifyAsync()).ShouldBeSound();
        await history.NowAsync("2024-02-01", _ => Refund(database, "o-a", 20_000, "r-2"));
        await history.NowAsync("2024-02-02", _ => Refund(database, "o-c", 20_000, "r-3"));
        await history.NowAsync("2024-02-03", _ => new UndoMerge(s_tenant, second, new UndoRequest("two persons", "olga"), database.Books));
        await history.NowAsync("2024-02-04", _ => Refund(database, "o-c", 40_000, "r-4"));
        (await database.VerifyAsync()).ShouldBeSound();

        (await database.DetachAsync("2024-05")).ShouldBeOfType<DetachOutcome.Detached>();
        await history.NowAsync("2024-06-01", _ => Refund(database, "o-a", 40_000, "r-5"));
        (await database.VerifyAsync()).ShouldBeSound();
    }

    private static async Task<long> MergedAsync(DetachableDatabase database, LongHistory history, string day, string from, string into)
    {
        database.At(day);
        var outcome = (await history.SubmitAsync(Merge(database, from, into))).ShouldBeOfType<Outcome.Applied>();
        return long.Parse(((MergeReply)outcome.Reply).MergeId!, CultureInfo.InvariantCulture);
    }

    private static MergeMembers Merge(DetachableDatabase database, string from, string into) =>
        new(s_tenant, Named(from), Named(into), new MergeRequest(from, "the same person", "olga"), database.Books);

    private static CompleteOrder Order(DetachableDatabase database, string member, string id, long amount) => new(
        s_tenant,
        Named(member),
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.completed", id),
        database.Books);

    private static RefundOrder Refund(DetachableDatabase database, string order, long amount, string refund) => new(
        s_tenant,
        new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.refunded", refund),
        database.Books);

    private static MemberReference Named(string externalId) => MemberReference.ByExternalId(s_tenant, externalId);
}
