using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>A level never depends on which commands share a batch, nor, once no cooldown runs any more, on the order in which they came.</summary>
public abstract class LevelsInBatchesContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const int Rounds = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20261122)]
    [InlineData(7)]
    public async Task IsTheSame_When_EarningsComeInAnyOrderAndAnyBatch(int seed)
    {
        var random = new Random(seed);
        await using var desk = await MoneyDatabase.OpenAsync(kind, databases, $"level_batches_{seed}", isFree: true);
        var levels = new HashSet<string>();
        for (var round = 0; round < Rounds; round++)
        {
            // Every second round without a cooldown: then the levels are the same at once.
            var hours = round % 2 == 0 ? 0 : 24;
            await desk.AppliedAsync(new ChangeProgramme(
                MergeDesk.Tenant, programme => new ProgrammeEdit.To(programme with { LevelRules = programme.LevelRules with { CooldownHours = hours } }), desk.Books.Programmes)
            {
                ChangedBy = "test",
            });
            var amounts = Enumerable.Range(0, random.Next(2, 12)).Select(_ => (long)random.Next(1, 4_000)).ToArray();
            var members = new List<MemberId>();
            foreach (var name in new[] { "one", "together", "turned" })
            {
                members.Add(await desk.NewMemberAsync($"{name}{round}", 0));
            }

            foreach (var (amount, i) in amounts.Select((amount, i) => (amount, i)))
            {
                await desk.AppliedAsync(desk.Earn(members[0], amount, $"one{round}-{i}"));
            }

            await Task.WhenAll(Shuffled(random, amounts).Select((amount, i) => desk.AppliedAsync(desk.Earn(members[1], amount, $"together{round}-{i}"))));
            foreach (var pair in amounts.Reverse().Select((amount, i) => (amount, i)).Chunk(2))
            {
                await Task.WhenAll(pair.Select(one => desk.AppliedAsync(desk.Earn(members[2], one.amount, $"turned{round}-{one.i}"))));
            }

            if (hours > 0)
            {
                desk.Advance(TimeSpan.FromDays(2));
                await desk.SweepAsync();
            }

            var standing = await StandingAsync(desk, members[0]);
            levels.Add(standing.Level);
            (await StandingAsync(desk, members[1])).ShouldBe(standing, $"{string.Join(" ", amounts)} at once, cooldown {hours} h");
            (await StandingAsync(desk, members[2])).ShouldBe(standing, $"{string.Join(" ", amounts)} in pairs and turned round, cooldown {hours} h");
        }

        levels.Count.ShouldBeGreaterThan(1, "the rounds reach levels that differ");
        await desk.VerifyAsync();
    }

    private static long[] Shuffled(Random random, long[] amounts)
    {
        var shuffled = amounts.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    private static async Task<(string Level, long Lifetime)> StandingAsync(MoneyDatabase desk, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.QuerySingleAsync<(string, long)>(
            "SELECT level_code, lifetime FROM members WHERE tenant_id = @Tenant AND id = @Member", new { Tenant = MergeDesk.Tenant.Value, Member = member.Value });
    }
}

public sealed class LevelsInBatchesOnSqliteTests(NamedDatabases databases) : LevelsInBatchesContract(DatabaseUnderTest.Sqlite, databases);

public sealed class LevelsInBatchesOnPostgresTests(NamedDatabases databases) : LevelsInBatchesContract(DatabaseUnderTest.Postgres, databases);

public sealed class LevelsInBatchesOnMySqlTests(NamedDatabases databases) : LevelsInBatchesContract(DatabaseUnderTest.MySql, databases);
