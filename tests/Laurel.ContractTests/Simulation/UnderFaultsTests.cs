using System.Collections.Concurrent;
using Dapper;
using Laurel.ContractTests.Model;
using Laurel.ContractTests.Product;
using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;
using Outcome = Laurel.Engine.Lanes.Outcome;

namespace Laurel.ContractTests.Simulation;

/// <summary>The whole engine on a store that fails by a seed: every invariant holds after every step, and every
/// acknowledged write is there exactly once (A1, A2, B5, B6 of the fault catalogue).</summary>
/// <remarks>Replay a failure with LAUREL_SIMULATION_SEED; run more seeds with LAUREL_SIMULATION_SEEDS.</remarks>
public sealed class UnderFaultsTests : IDisposable
{
    private const int MemberCount = 6;
    private const int Rounds = 60;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-simulation-");

    public static TheoryData<int> Seeds
    {
        get
        {
            var data = new TheoryData<int>();
            if (int.TryParse(Environment.GetEnvironmentVariable("LAUREL_SIMULATION_SEED"), out var one))
            {
                data.Add(one);
                return data;
            }

            var count = int.TryParse(Environment.GetEnvironmentVariable("LAUREL_SIMULATION_SEEDS"), out var asked) ? asked : 6;
            for (var seed = 1; seed <= count; seed++)
            {
                data.Add(seed);
            }

            return data;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task KeepsEveryInvariant_When_TheStoreFails(int seed)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var random = new Random(seed);
        await using var world = await World.CreateAsync(_folder.FullName, new Random(seed + 1_000), cancellationToken);
        await world.RegisterAsync(MemberCount, cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            world.Clock.Set(World.Start.AddDays(round * 7).AddMinutes(random.Next(600)));
            var asked = Enumerable.Range(0, random.Next(1, 40)).Select(_ => world.Draw(random)).ToList();
            await Task.WhenAll(asked.Select(command => world.SubmitAsync(command, cancellationToken)));
            var broken = await BookInvariants.BrokenAsync(world.Inner, cancellationToken);
            broken.ShouldBeEmpty($"seed {seed}, round {round}: {string.Join("; ", broken)}");
        }

        await world.RequireAcknowledgedOnceAsync(seed, cancellationToken);
        await world.RequireWholeAuditAsync(seed, cancellationToken);
        world.Faulty.Injected.Count.ShouldBeGreaterThan(4, $"seed {seed}: {string.Join(", ", world.Faulty.Injected)}");
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    public async Task AgreesWithTheModel_When_TheStoreFails(int seed, bool movesLives)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = movesLives
            ? await EventScript.GenerateLivesAsync(seed, 1_500, cancellationToken)
            : await EventScript.GenerateAsync(seed, 1_500, cancellationToken);
        await using var world = await World.CreateAsync(_folder.FullName, new Random(seed), cancellationToken);
        await using var loyalty = new ProductLoyalty(world.Lanes, world.Faulty, world.Books, world.Vault, world.Clock);
        await SideBySide.RunAsync(script, new NaiveLoyalty(ShortfallPolicy.Negative), loyalty, cancellationToken);
    }

    /// <summary>One engine on one faulty store.</summary>
    private sealed class World : IAsyncDisposable
    {
        public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly ConcurrentDictionary<string, Outcome> _answers = new();
        private readonly List<MemberReference> _members = [];
        private readonly ConcurrentBag<long> _holds = [];
        private int _counter;

        public required SqliteDatabase Inner { get; init; }

        public required FaultyDatabase Faulty { get; init; }

        public required LaneSet Lanes { get; init; }

        public required MemberBooks Books { get; init; }

        public required PersonalDataVault Vault { get; init; }

        public required SettableClock Clock { get; init; }

        public static async Task<World> CreateAsync(string folder, Random random, CancellationToken cancellationToken)
        {
            var clock = new SettableClock();
            clock.Set(Start);
            var inner = new SqliteDatabase(Path.Combine(folder, "laurel.db"), readOnly: false);
            await new Migrator(inner, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], clock).ApplyAsync(cancellationToken);
            var programmes = new ProgrammeKind();
            await new ProgrammeStore(inner, programmes, clock).EnsureAsync(new TenantId(1), "default", "Default", stored => stored, cancellationToken);
            var faulty = new FaultyDatabase(inner, random, faultRate: 0.5);
            var ids = new IdGenerator(clock, 0);
            var options = new LaneOptions { AttemptsMax = 60 };
            var keys = MasterKeys.Load(folder, null, System.Security.Cryptography.RandomNumberGenerator.Create());
            return new World
            {
                Inner = inner,
                Faulty = faulty,
                Books = new MemberBooks(programmes),
                Lanes = new LaneSet(faulty, options, () => ids, clock, random, new EventSink(new EventHub(NullLogger<EventHub>.Instance)), NullLogger<LaneSet>.Instance, audit: new AuditSink(Seal, "test")),
                Vault = new PersonalDataVault(keys, System.Security.Cryptography.RandomNumberGenerator.Create()),
                Clock = clock,
            };
        }

        public async Task RegisterAsync(int count, CancellationToken cancellationToken)
        {
            for (var i = 0; i < count; i++)
            {
                var name = $"m{i}";
                var request = new RegisterRequest { ExternalId = name, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.From(Start) };
                await Lanes.SubmitAsync(new RegisterMember(new TenantId(1), request, Books, Vault), cancellationToken);
                _members.Add(MemberReference.ByExternalId(new TenantId(1), name));
            }
        }

        /// <summary>A random command; now and then the same reference again, as a retry of a caller would.</summary>
        public (string Name, Command Command) Draw(Random random)
        {
            var tenant = new TenantId(1);
            var number = random.NextDouble() < 0.1 && _counter > 0 ? random.Next(1, _counter + 1) : ++_counter;
            var again = new Random(number);
            var member = _members[again.Next(_members.Count)];
            var other = _members[again.Next(_members.Count)];
            var points = again.Next(1, 400);
            var request = new PointsRequest { Points = points, Reason = "simulated", ReferenceType = "simulation", ReferenceId = $"{number}" };
            var hold = _holds.IsEmpty ? 1 : _holds.ElementAt(random.Next(_holds.Count));
            var end = new HoldEndRequest { HoldId = hold, Points = null, Reference = $"{number}" };
            Command command = again.Next(8) switch
            {
                0 or 1 => new EarnPoints(tenant, member, request, Books),
                2 or 3 => new SpendPoints(tenant, member, request, Books),
                4 => new AdjustPoints(tenant, member, request, Books),
                5 => new HoldPoints(tenant, member, request, Books),
                6 => new TransferPoints(tenant, member, other, new TransferRequest { Points = points, Reason = "simulated", Reference = $"{number}" }, Books),
                _ => random.Next(2) == 0 ? new CaptureHold(tenant, end, Books) : new ReleaseHold(tenant, end, Books),
            };
            return ($"{command.GetType().Name}/{number}", command);
        }

        public async Task SubmitAsync((string Name, Command Command) asked, CancellationToken cancellationToken)
        {
            var outcome = await Lanes.SubmitAsync(asked.Command, cancellationToken);
            if (outcome is Outcome.Applied { Reply: HoldReply { Status: "open" } hold })
            {
                _holds.Add(long.Parse(hold.HoldId, System.Globalization.CultureInfo.InvariantCulture));
            }

            if (outcome is Outcome.Applied or Outcome.Duplicate)
            {
                _answers[asked.Name] = outcome;
            }
        }

        public static readonly AuditKey Seal = new(new byte[32]);

        /// <summary>Every chain is whole, whatever was lost, tried again or split, and everything in the ledger has its record.</summary>
        public async Task RequireWholeAuditAsync(int seed, CancellationToken cancellationToken)
        {
            await using var snapshot = await ReadSnapshot.OpenAsync(Inner, Reach.Everything, cancellationToken);
            var faults = new List<AuditFault>();
            (await new AuditProof(snapshot, Seal, faults.Add).RunAsync(cancellationToken)).ShouldBeGreaterThan(0);
            faults.ShouldBeEmpty($"seed {seed}");
            var (recorded, moved) = (new List<long>(), new List<long>());
            await foreach (var record in new AuditStore(Inner).ReadAllAsync(new AuditQuery(new TenantId(1)) { All = true }, cancellationToken))
            {
                if (record.Content.TryGetProperty("first", out var first))
                {
                    // Holds end under the id they began with; what moves points at once has an id of its own.
                    var isMove = record.Operation is nameof(EarnPoints) or nameof(SpendPoints) or nameof(AdjustPoints);
                    (isMove ? moved : recorded).Add(long.Parse(first.GetString()!, System.Globalization.CultureInfo.InvariantCulture));
                }
            }

            var postings = await snapshot.Connection.QueryAsync<long>("SELECT posting_id FROM entries WHERE rule IN ('earn', 'adjust') GROUP BY posting_id");
            postings.Except(recorded).ShouldBeSubsetOf(moved, $"seed {seed}");
            moved.Count.ShouldBeGreaterThan(50, $"seed {seed}");
            moved.ShouldBeUnique();
        }

        /// <summary>Every acknowledged movement is in the ledger exactly once, under the reference it was asked with.</summary>
        public async Task RequireAcknowledgedOnceAsync(int seed, CancellationToken cancellationToken)
        {
            await using var session = await Inner.OpenReaderAsync(Reach.Everything, cancellationToken);
            var rows = await session.Connection.QueryAsync<(string Kind, string Reference, long Count)>(new CommandDefinition(
                "SELECT kind, reference_id, COUNT(*) FROM entries WHERE reference_type = 'simulation' GROUP BY kind, reference_id",
                cancellationToken: cancellationToken));
            var stored = rows.ToDictionary(row => $"{row.Kind}/{row.Reference}", row => row.Count);
            foreach (var (name, outcome) in _answers)
            {
                var parts = name.Split('/');
                var kind = parts[0] switch { nameof(EarnPoints) => "earn", nameof(SpendPoints) => "spend", nameof(AdjustPoints) => "adjust", _ => null };
                if (kind is not null)
                {
                    stored.GetValueOrDefault($"{kind}/{parts[1]}").ShouldBe(1, $"seed {seed}: {name} was answered {outcome}");
                }
            }

            stored.Values.ShouldAllBe(count => count == 1, $"seed {seed}");
        }

        public async ValueTask DisposeAsync()
        {
            await Lanes.DisposeAsync();
            await Faulty.DisposeAsync();
            Vault.Dispose();
        }
    }
}
