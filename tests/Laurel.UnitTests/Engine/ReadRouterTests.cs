using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

/// <summary>Whom a read is sent to, by what is known of the replicas.</summary>
public sealed class ReadRouterTests
{
    private static readonly Instant s_now = Instant.From(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    private readonly SettableTime _time = new();
    private readonly SqliteDatabase _primary = new("primary", readOnly: true);
    private readonly Replica _first;
    private readonly Replica _second;
    private readonly ReadRouter _router;

    public ReadRouterTests()
    {
        _first = new Replica(1, new SqliteDatabase("first", readOnly: true), _time);
        _second = new Replica(2, new SqliteDatabase("second", readOnly: true), _time);
        _router = new ReadRouter(_primary, [_first, _second], TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task IsThePrimary_When_NoReplicaAnswers() => (await AskAsync()).ShouldBe("primary");

    [Fact]
    public async Task AreTheReplicasInTurn_When_TheyAreHardlyBehind()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(-1)));
        _second.Show(s_now.Plus(TimeSpan.FromSeconds(-4)));

        var asked = new[] { await AskAsync(), await AskAsync(), await AskAsync(), await AskAsync() };

        asked.Order().ShouldBe(["first", "first", "second", "second"]);
    }

    [Fact]
    public async Task IsThePrimary_When_TimePassesAndNoHeartbeatComes()
    {
        Know(s_now);
        _first.Show(s_now);
        (await AskAsync()).ShouldBe("first");

        _time.Pass(TimeSpan.FromSeconds(6));

        (await AskAsync()).ShouldBe("primary");
        _first.StalenessMax(new PrimaryTime(s_now, 0)).ShouldBe(TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task IsTheReplicaThatIsLeastBehind_When_ThePrimaryIsLost()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromHours(-2)));
        _second.Show(s_now.Plus(TimeSpan.FromHours(-1)));
        _router.PrimaryWasLost();

        var answer = await _router.ReadAsync(default, from => Task.FromResult(NameOf(from.Database)));

        (answer.Value, answer.Source.IsReplica, answer.Source.StalenessMax).ShouldBe(("second", true, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task IsTheNext_When_TheFirstFails()
    {
        Know(s_now);
        _first.Show(s_now);

        var answer = await _router.ReadAsync(default, from =>
            ReferenceEquals(from.Database, _first.Database) ? throw new ReadUnavailableException("It broke.", null) : Task.FromResult(NameOf(from.Database)));

        answer.Value.ShouldBe("primary");
        _first.Answers.ShouldBeFalse("nothing is read from it until it answers again");
    }

    [Fact]
    public async Task IsThePrimary_When_NobodyElseWillDo()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(-1)));

        (await AskAsync(new ReadDemand { PrimaryOnly = true })).ShouldBe("primary");
    }

    /// <summary>What the node has heard of lies a while back: a replica that is behind by less shows it.</summary>
    [Theory]
    [InlineData(3, "primary")]
    [InlineData(1, "first")]
    public async Task IsAReplica_When_ItShowsWhatTheNodeHasHeardOf(int secondsBehind, string expected)
    {
        Know(s_now);
        var heardAt = _time.GetTimestamp();
        _time.Pass(TimeSpan.FromSeconds(2));
        Know(s_now.Plus(TimeSpan.FromSeconds(2)));
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(2 - secondsBehind)));

        (await AskAsync(new ReadDemand { Since = heardAt })).ShouldBe(expected);
        (await AskAsync(default)).ShouldBe("first");
    }

    [Fact]
    public async Task IsThePrimary_When_AHeartbeatIsFromTheFuture()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(30)));

        (await AskAsync(new ReadDemand { Since = _time.GetTimestamp() - 1 })).ShouldBe("primary");
    }

    [Fact]
    public async Task IsAReplicaThatIsBehind_When_ThePrimaryIsLost()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(-3)));
        _router.PrimaryWasLost();

        (await AskAsync(new ReadDemand { Since = _time.GetTimestamp() })).ShouldBe("first");
    }

    [Fact]
    public async Task IsThePrimaryForTheNewest_When_AReplicaIsFresh()
    {
        Know(s_now);
        _first.Show(s_now);

        (await _router.ReadNewestAsync(from => Task.FromResult(NameOf(from)))).ShouldBe("primary");
    }

    [Fact]
    public async Task IsAReplicaForTheNewest_When_ThePrimaryFails()
    {
        Know(s_now);
        _first.Show(s_now.Plus(TimeSpan.FromHours(-1)));

        var answer = await _router.ReadNewestAsync(from =>
            ReferenceEquals(from, _primary) ? throw new ReadUnavailableException("It broke.", null) : Task.FromResult(NameOf(from)));

        answer.ShouldBe("first");
    }

    [Fact]
    public async Task IsNobody_When_AllFail()
    {
        Know(s_now);
        _first.Show(s_now);

        await Should.ThrowAsync<ReadUnavailableException>(() => _router.ReadAsync<string>(default, _ => throw new ReadUnavailableException("It broke.", null)));
    }

    [Fact]
    public async Task IsNotAskedAgain_When_TheFaultIsOurs()
    {
        Know(s_now);
        _first.Show(s_now);
        var asked = 0;

        await Should.ThrowAsync<InvalidOperationException>(() => _router.ReadAsync<string>(default, _ =>
        {
            asked++;
            throw new InvalidOperationException("A bug.");
        }));

        asked.ShouldBe(1);
    }

    [Fact]
    public async Task IsAReplicaForAVersionWhoseMarkIsGone_When_ItIsFarPastIt()
    {
        _time.Set(s_now);
        var twoDaysAgo = IdGenerator.FirstOf(s_now.Plus(TimeSpan.FromDays(-2)));
        _first.Show(s_now.Plus(TimeSpan.FromSeconds(-1)));
        (await _first.ShowsAsync(twoDaysAgo)).ShouldBeTrue();

        // Its data is from before the version, so that only the mark could tell; there is no database to ask for it.
        _first.Show(s_now.Plus(TimeSpan.FromDays(-2)));
        await Should.ThrowAsync<ReadUnavailableException>(async () => await _first.ShowsAsync(twoDaysAgo));
    }

    private void Know(Instant now)
    {
        _time.Set(now);
        _router.PrimaryAnswered(new PrimaryTime(now, _time.GetTimestamp()));
    }

    private async Task<string> AskAsync(ReadDemand demand = default) =>
        (await _router.ReadAsync(demand, from => Task.FromResult(NameOf(from.Database)))).Value;

    private string NameOf(Database database) =>
        ReferenceEquals(database, _primary) ? "primary" : ReferenceEquals(database, _first.Database) ? "first" : "second";

    private sealed class SettableTime : TimeProvider
    {
        private TimeSpan _passed;
        private DateTimeOffset _start = DateTimeOffset.UnixEpoch;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Set(Instant now) => _start = now.ToDateTimeOffset() - _passed;

        public void Pass(TimeSpan time) => _passed += time;

        public override DateTimeOffset GetUtcNow() => _start + _passed;

        public override long GetTimestamp() => _passed.Ticks;
    }
}
