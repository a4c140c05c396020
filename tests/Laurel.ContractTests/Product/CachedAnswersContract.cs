using System.Diagnostics.Metrics;
using Laurel.ContractTests.Model;
using Laurel.Engine.Cache;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Product;

/// <summary>What the cache answers is what the database answers, after every step of a random run and at any time between.</summary>
public abstract class CachedAnswersContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>, IDisposable
{
    private const int OperationCount = 700;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-cached-");
    private readonly Dictionary<string, long> _answers = [];

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <remarks>Time goes on between the steps, over every edge of the figures: lots lapse, activate and lapse soon, holds end.</remarks>
    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public async Task AreThoseOfTheDatabase_When_MembersChangeAndTimePasses(int seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateAsync(seed, OperationCount, cancellationToken);
        var random = new Random(seed);
        var clock = new SettableClock();
        clock.Set(EventScript.Start.AddYears(-30));
        await using var node = await OpenAsync($"cached_{seed}", clock);
        await using var loyalty = new ProductLoyalty(node.Lanes, node.Database, node.Books, node.Vault, clock) { Faults = new FaultsLogged() };
        await using var router = ReadRouter.Of(node.Database);
        await using var reader = new MemberReader(router, node.Vault, clock);
        var cache = new MemberCache(node.Cache, node.CachedRegions, reader, router);
        using var listener = Listen();
        for (var index = 0; index < script.Operations.Count; index++)
        {
            var operation = script.Operations[index];
            await operation.ApplyToAsync(loyalty, cancellationToken);
            var next = index + 1 < script.Operations.Count ? script.Operations[index + 1].Clock : script.End;
            var now = operation.Clock + ((next - operation.Clock) * random.NextDouble());
            foreach (var later in new[] { TimeSpan.Zero, TimeSpan.FromMinutes(random.Next(120)), TimeSpan.FromDays(random.Next(40)) })
            {
                // Far ahead of the next step now and then: the cache must follow the clock and not the commands.
                clock.Set(now + later);
                // All at once: reads of one moment go to the database together.
                MemberId[] ids = [.. loyalty.Members];
                var cached = await Task.WhenAll(ids.Select(async id => await cache.FindReplyAsync(LaurelNode.DefaultTenant, id)));
                var right = await Task.WhenAll(ids.Select(async id => await reader.FindAsync(LaurelNode.DefaultTenant, id)));
                for (var i = 0; i < ids.Length; i++)
                {
                    cached[i].ShouldBe(right[i], $"{script}, after operation {index}: {operation}, member {ids[i]} at {clock.GetUtcNow():O}");
                }
            }
        }

        listener.RecordObservableInstruments();
        _answers["memory"].ShouldBeGreaterThan(_answers["database"] / 4, string.Join(", ", _answers));
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "member_cache_answers_total")
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var labels = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string?)tag.Value);
            if (labels["cache"] == "members")
            {
                _answers[labels["source"]!] = _answers.GetValueOrDefault(labels["source"]!) + count;
            }
        });
        listener.Start();
        return listener;
    }

    private async Task<LaurelNode> OpenAsync(string database, TimeProvider clock)
    {
        var settings = new LaurelSettings
        {
            DataFolder = Path.Combine(_folder.FullName, database),
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = await databases.FindAsync(kind, database),
            Cluster = new ClusterSettings { DatabaseRole = kind == DatabaseUnderTest.Postgres ? PostgresCluster.Role : null },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            // Points lapse within the run, so that every edge of the figures is passed.
            Programme = _ => new Programme { ValidityDays = 32 },
            SweepEvery = TimeSpan.FromHours(1),

            // Timers of the settable clock are due at once: no patience, and so no old answers.
            Cache = new CacheSettings { Options = new CacheOptions { StaleMax = TimeSpan.Zero, MemoryLifetime = TimeSpan.FromDays(400) }, Lifetimes = new MemberCacheLifetimes { Member = TimeSpan.FromDays(400) } },
        };
        return await LaurelNode.OpenAsync(settings, "contract", clock, new LoggerFactory(), TestContext.Current.CancellationToken);
    }
}

public sealed class CachedAnswersOnSqliteTests(NamedDatabases databases) : CachedAnswersContract(DatabaseUnderTest.Sqlite, databases);

public sealed class CachedAnswersOnPostgresTests(NamedDatabases databases) : CachedAnswersContract(DatabaseUnderTest.Postgres, databases);

public sealed class CachedAnswersOnMySqlTests(NamedDatabases databases) : CachedAnswersContract(DatabaseUnderTest.MySql, databases);
