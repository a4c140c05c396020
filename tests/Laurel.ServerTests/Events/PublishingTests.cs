using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Events;

/// <summary>Events out to a real RabbitMQ: each committed one arrives, in the order of its member, whatever the broker does (C2).</summary>
[Collection(nameof(OneBroker))]
public sealed class PublishingTests(DatabaseServers databases, RabbitMqServer broker)
{
    private const string Queue = "all";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ArriveInTheOrderOfTheirMember_When_ManyCommandsShareMembers(DatabaseUnderTest database)
    {
        var (site, url) = await SiteAsync(database, Queue + "=#");
        await using var _ = site;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var listener = new Listener(url, Queue);
        var members = await AtOnce.RunAsync(5, async i => (await server.RegisterAsync($"m{i}")).TextOf("id")!);

        await AtOnce.RunAsync(20, async client =>
        {
            for (var i = 0; i < 20; i++)
            {
                (await server.EarnAsync(members[(client + i) % members.Length], 1 + i, $"{client}-{i}")).Status.ShouldBe(200);
            }

            return client;
        });

        // An enrolment with its points is two events; each earning is one, and few rise to another level.
        var events = await listener.HearAsync((5 * 2) + 400, s_patience, Cancellation);
        listener.ShouldKeepTheOrderOfMembers();
        events.Count(heard => heard.Type == "points.earned").ShouldBe(405);
        events.Count(heard => heard.Type == "member.registered").ShouldBe(5);
        var first = events.First(heard => heard.Type == "member.registered");
        first.Data.GetProperty("member_id").GetString().ShouldBe(first.Member);
        first.Data.GetProperty("initial_level").GetString().ShouldBe("bronze");
        await DrainedAsync(server);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task ArriveFromBothNodesInOrder_When_TwoShareMembers()
    {
        var (site, url) = await SiteAsync(DatabaseUnderTest.Postgres, Queue + "=#");
        await using var _ = site;
        await using var one = await LaurelServer.StartAsync(site, Cancellation);
        await using var two = await LaurelServer.StartAsync(site, Cancellation);
        await using var listener = new Listener(url, Queue);
        var member = (await one.RegisterAsync("hot")).TextOf("id")!;

        await AtOnce.RunAsync(16, async client =>
        {
            for (var i = 0; i < 25; i++)
            {
                (await (client % 2 == 0 ? one : two).EarnAsync(member, 1, $"{client}-{i}")).Status.ShouldBe(200);
            }

            return client;
        });

        var events = await listener.HearAsync(2 + 400, s_patience, Cancellation);
        listener.ShouldKeepTheOrderOfMembers();
        // The balance after each is one more than after the one before: no event is missing in between.
        var balances = events.Where(heard => heard.Type == "points.earned").Select(heard => heard.Data.GetProperty("balance_after").GetInt64()).ToList();
        balances.ShouldBe(Enumerable.Range(0, balances.Count).Select(i => 100L + i));
    }

    [Fact]
    public async Task LoseNothing_When_TheBrokerStopsUnderLoad()
    {
        var (site, url) = await SiteAsync(DatabaseUnderTest.Postgres, Queue + "=#");
        await using var _ = site;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var listener = new Listener(url, Queue);
        var member = (await server.RegisterAsync("c")).TextOf("id")!;
        using var stop = new CancellationTokenSource();
        var load = AtOnce.RunAsync(8, async client =>
        {
            var sent = 0;
            for (; !stop.IsCancellationRequested; sent++)
            {
                (await server.EarnAsync(member, 1, $"{client}-{sent}")).Status.ShouldBe(200);
            }

            return sent;
        });

        await Task.Delay(2_000, Cancellation);
        await broker.StopAsync(Cancellation);
        await UntilAsync(async () => (await server.GetAsync("/ready")).Text.Contains("\"message_queue\":\"unavailable\"", StringComparison.Ordinal));
        (await server.GetAsync("/ready")).Status.ShouldBe(200);
        await UntilAsync(async () => await WaitingAsync(server) > 0);
        await broker.StartAsync(Cancellation);
        await Task.Delay(2_000, Cancellation);
        await stop.CancelAsync();
        var sent = (await load).Sum();

        await listener.HearAsync(sent + 2, s_patience, Cancellation);
        listener.ShouldKeepTheOrderOfMembers();
        listener.Events.Count(heard => heard.Type == "points.earned").ShouldBe(sent + 1);
        await DrainedAsync(server);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task WaitInTheOutbox_When_TheBrokerHasAMemoryAlarm()
    {
        var (site, url) = await SiteAsync(DatabaseUnderTest.Sqlite, Queue + "=#");
        await using var _ = site;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var listener = new Listener(url, Queue);
        var member = (await server.RegisterAsync("c")).TextOf("id")!;
        await listener.HearAsync(2, s_patience, Cancellation);
        await broker.ControlAsync(Cancellation, "set_vm_memory_high_watermark", "0.0001");
        try
        {
            await AtOnce.RunAsync(50, async i =>
            {
                (await server.EarnAsync(member, 1, $"e{i}")).Status.ShouldBe(200);
                return i;
            });
            await UntilAsync(async () => (await server.GetAsync("/ready")).Text.Contains("\"message_queue\":\"unavailable\"", StringComparison.Ordinal));
            await UntilAsync(async () => await WaitingAsync(server) > 0);
        }
        finally
        {
            await broker.ControlAsync(Cancellation, "set_vm_memory_high_watermark", "absolute", "1GB");
        }

        await listener.HearAsync(52, s_patience, Cancellation);
        listener.ShouldKeepTheOrderOfMembers();
        await DrainedAsync(server);
    }

    [Fact]
    public async Task LieInTheQueueOfTheUnrouted_When_NobodyHasBoundAQueue()
    {
        var (site, url) = await SiteAsync(DatabaseUnderTest.Sqlite, "levels=level.*");
        await using var _ = site;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.RegisterAsync("c");
        await UntilAsync(async () => (await site.RunVerbAsync(Cancellation, "doctor")).Output.Contains("2 messages lie in the queue laurel.unrouted", StringComparison.Ordinal));
        await using (var listener = new Listener(url, "laurel.unrouted"))
        {
            (await listener.HearAsync(2, s_patience, Cancellation)).Select(heard => heard.Type).ShouldBe(["member.registered", "points.earned"]);
        }

        // Gone: the broker returns what it has nowhere to put, the outbox keeps it, and the queue is declared again.
        await broker.ControlAsync(Cancellation, "delete_queue", "-p", url.AbsolutePath[1..], "laurel.unrouted");
        await server.RegisterAsync("d");
        await using var again = new Listener(url, "laurel.unrouted");
        (await again.HearAsync(2, s_patience, Cancellation)).Count.ShouldBe(2);
        await DrainedAsync(server);
    }

    [Fact]
    public async Task AreMissedByTheDoctor_When_TheBrokerIsNotThere()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, databases, Cancellation);
        site.Environment["RABBITMQ_URL"] = $"amqp://guest:secret@127.0.0.1:{ChildProcess.FreePort()}/";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.ExitCode.ShouldBe(1);
        outcome.Output.ShouldContain("The broker at 127.0.0.1 does not answer");
        outcome.Output.ShouldNotContain("secret");
        (await server.RegisterAsync("c")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task ComeAgainUnderTheirIds_When_TheyAreReplayed()
    {
        var (site, url) = await SiteAsync(DatabaseUnderTest.Postgres, Queue + "=#");
        await using var _ = site;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var listener = new Listener(url, Queue);
        await server.RegisterAsync("c");
        await listener.HearAsync(2, s_patience, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "events", "replay", "--transport", "rabbitmq", "--from", "2020-01-01T00:00:00Z");
        outcome.ExitCode.ShouldBe(0, outcome.Errors);
        outcome.Output.ShouldContain("2 events in 1 batches");
        await UntilAsync(() => Task.FromResult(listener.Deliveries.Count == 4));

        listener.Deliveries.Select(heard => heard.Id).Distinct().Count().ShouldBe(2);
        (await site.RunVerbAsync(Cancellation, "events", "replay", "--transport", "pigeon", "--from", "2020-01-01T00:00:00Z")).ExitCode.ShouldBe(2);

        string[] replay = ["events", "replay", "--from", "2020-01-01T00:00:00Z", "--type"];
        (await site.RunVerbAsync(Cancellation, [.. replay, "level.upgraded, points.earned"])).Output.ShouldContain("1 events in 1 batches");
        (await site.RunVerbAsync(Cancellation, [.. replay, "level.upgraded", "--type", "points.spent"])).Output.ShouldContain("0 events in 0 batches");
        await UntilAsync(() => Task.FromResult(listener.Deliveries.Count == 5));
        var unknown = await site.RunVerbAsync(Cancellation, [.. replay, "points.stolen"]);
        unknown.ExitCode.ShouldBe(1);
        unknown.Errors.ShouldContain("--type knows no 'points.stolen'; known are: member.registered, level.upgraded");
    }

    private async Task<(LaurelSite Site, Uri Broker)> SiteAsync(DatabaseUnderTest database, string queues)
    {
        var url = await broker.CreateHostAsync(Cancellation);
        var site = await LaurelSite.CreateAsync(database, databases, Cancellation);
        site.Environment["RABBITMQ_URL"] = url.AbsoluteUri;
        site.Environment["LAUREL_RABBITMQ_QUEUES"] = queues;
        return (site, url);
    }

    private static Task DrainedAsync(LaurelServer server) => UntilAsync(async () => await WaitingAsync(server) == 0);

    /// <summary>Rows of the outbox as the metrics tell; measured every ten seconds.</summary>
    private static async Task<long> WaitingAsync(LaurelServer server)
    {
        var line = (await server.GetAsync("/metrics")).Text.Split('\n').Single(text => text.StartsWith("member_outbox_rows{transport=\"rabbitmq\"}", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(s_patience);
            await Task.Delay(200, Cancellation);
        }
    }
}
