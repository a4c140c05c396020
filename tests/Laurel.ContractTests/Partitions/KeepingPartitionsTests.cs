using Laurel.ContractTests.Product;
using Laurel.Engine.Partitions;
using Laurel.Kernel;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Partitions;

/// <summary>Months are made ahead, rows that came without one move in, and what is past its age goes as a whole month.</summary>
public sealed class KeepingPartitionsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Month s_longAgo = new(202501);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<DatabaseUnderTest> Servers => [DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task MakesThreeMonthsAheadOnce_When_RunTwice(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "ahead");
        var present = PartitionedDatabase.Present;
        Month?[] expected = [present, present.Next, present.Next.Next, present.Next.Next.Next, null];

        var first = await database.NewKeeper().RunAsync(Cancellation);
        var second = await database.NewKeeper().RunAsync(Cancellation);

        first.Select(kept => kept.Table).ShouldBe(["replies", "event_batches", "entries", "lot_takes"]);
        first.ShouldAllBe(kept => kept.Created.Count == 3 && kept.Dropped.Count == 0 && kept.StrayRows == 0);
        second.ShouldAllBe(kept => kept.Created.Count == 0 && kept.Dropped.Count == 0);
        foreach (var kept in first)
        {
            (await database.MonthsAsync(kept.Table)).ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task MovesRowsIn_When_TheyCameBeforeTheirMonth(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "strays");
        var next = PartitionedDatabase.Present.Next;
        var early = IdGenerator.FirstOf(next.Start) + 7;
        var never = IdGenerator.FirstOf(next.Start.Plus(TimeSpan.FromDays(3_000)));
        await database.ExecuteAsync(EntryOf(early));
        await database.ExecuteAsync(EntryOf(never));
        (await database.StrayAsync("entries")).ShouldBe(2);

        var kept = (await database.NewKeeper().RunAsync(Cancellation)).Single(kept => kept.Table == "entries");

        kept.StrayRows.ShouldBe(1);
        (await database.StrayAsync("entries")).ShouldBe(1);
        (await database.ScalarAsync($"SELECT COUNT(*) FROM entries WHERE tenant_id = 1 AND member_id = 5 AND id IN ({early}, {never})")).ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task DropsWholeMonths_When_TheirRepliesArePastTheirAge(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "age");
        await database.BeginAtAsync(MonthlyTable.Replies(TimeSpan.Zero), s_longAgo);
        await database.ExecuteAsync(ReplyOf(1, s_longAgo.Number));
        await database.ExecuteAsync(ReplyOf(2, PartitionedDatabase.Present.Number));

        var kept = (await database.NewKeeper().RunAsync(Cancellation)).Single(kept => kept.Table == "replies");

        kept.Dropped[0].ShouldBe(s_longAgo);
        kept.StrayRows.ShouldBe(0);
        (await database.ScalarAsync("SELECT COUNT(*) FROM replies")).ShouldBe(1);
        (await database.ScalarAsync("SELECT root_id FROM replies")).ShouldBe(2);
        var months = await database.MonthsAsync("replies");
        months.ShouldContain(PartitionedDatabase.Present);
        months.Count.ShouldBeLessThanOrEqualTo(7);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task KeepsAMonthOfEvents_When_SomeOfItIsStillToBePublished(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "unpublished");
        await database.BeginAtAsync(MonthlyTable.EventBatches(TimeSpan.Zero), s_longAgo);
        var waiting = IdGenerator.FirstOf(s_longAgo.Next.Start) + 1;
        foreach (var id in (long[])[1, waiting])
        {
            await database.ExecuteAsync($"INSERT INTO event_batches (batch_id, recorded_at, events, body) VALUES ({id}, 0, 1, '')");
        }

        await database.ExecuteAsync($"INSERT INTO outbox (transport, batch_id) VALUES ('test', {waiting})");

        var first = (await database.NewKeeper().RunAsync(Cancellation)).Single(kept => kept.Table == "event_batches");
        await database.ExecuteAsync("DELETE FROM outbox");
        var second = (await database.NewKeeper().RunAsync(Cancellation)).Single(kept => kept.Table == "event_batches");

        first.Dropped.ShouldBe([s_longAgo]);
        second.Dropped[0].ShouldBe(s_longAgo.Next);
        (await database.ScalarAsync("SELECT COUNT(*) FROM event_batches")).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ComesToTheSame_When_ManyNodesRunAtOnce(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "many");

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => database.NewKeeper().RunAsync(Cancellation))));

        foreach (var table in runs[0].Select(kept => kept.Table))
        {
            (await database.MonthsAsync(table)).Count.ShouldBe(5);
            runs.Sum(run => run.Single(kept => kept.Table == table).Created.Count).ShouldBe(3);
        }
    }

    private static string EntryOf(long id) => $"""
        INSERT INTO entries (id, tenant_id, member_id, posting_id, unit, kind, account, amount, balance_after, debt_delta, lifetime_delta,
            occurred_at, recorded_at, rule, rule_version, reason, reference_type, reference_id)
        VALUES ({id}, 1, 5, {id}, 'points', 'earn', 'issuance', 1, 1, 0, 1, 0, 0, 'earn', 1, '', '', '')
        """;

    private static string ReplyOf(int root, int month) =>
        $"INSERT INTO replies (key_hash, month, request_hash, applied, root_id, body, created_at) VALUES ('{root:D16}', {month}, '{root:D16}', 1, {root}, '', 0)";
}
