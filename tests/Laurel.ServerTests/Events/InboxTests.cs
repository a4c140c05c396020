using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Events;

/// <summary>The shop's events through a real RabbitMQ: the same results as over HTTP, once each, whatever is repeated or breaks (C3).</summary>
[Collection(nameof(OneBroker))]
public sealed class InboxTests(DatabaseServers databases, RabbitMqServer broker)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EarnOnce_When_MessagesComeTwiceAndRefundsBeforeTheirOrders(DatabaseUnderTest database)
    {
        await using var shop = await ShopAsync(database);
        await using var server = await LaurelServer.StartAsync(shop.Site, Cancellation);
        var member = (await server.RegisterAsync("c")).TextOf("id")!;
        var messages = Enumerable.Range(0, 40).SelectMany(i => new[]
        {
            ShopEvents.Refunded($"o{i}", $"r{i}", 100),
            ShopEvents.Completed(member, $"o{i}", 1_000),
            ShopEvents.Completed(member, $"o{i}", 1_000),
            ShopEvents.Refunded($"o{i}", $"r{i}", 100),
        });

        foreach (var message in messages)
        {
            await shop.SendAsync(message);
        }

        // Each order earns 10 points and loses one of them; the first brings 200 more, and registration 100.
        await UntilAsync(async () => (await server.PointsAsync(member)).Available == 100 + 200 + (40 * 9));
        await UntilAsync(async () => await shop.CountAsync("laurel.inbox") == 0 && await shop.CountAsync("laurel.inbox.retry") == 0);
        (await shop.CountAsync("laurel.inbox.dead")).ShouldBe(0u);
        (await server.PointsAsync(member)).Available.ShouldBe(100 + 200 + (40 * 9));
        await shop.Site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task LoseAndDoubleNothing_When_TheServerIsKilledWhileItConsumes()
    {
        await using var shop = await ShopAsync(DatabaseUnderTest.Postgres);
        await using var first = await LaurelServer.StartAsync(shop.Site, Cancellation);
        var member = (await first.RegisterAsync("c")).TextOf("id")!;
        for (var i = 0; i < 1_000; i++)
        {
            await shop.SendAsync(ShopEvents.Completed(member, $"o{i}", 100));
        }

        await UntilAsync(async () => (await first.MemberAsync(member)).NumberOf("totalOrders") > 0);
        await first.Process.KillAsync(Cancellation);
        await using var second = await LaurelServer.StartAsync(shop.Site, Cancellation);

        await UntilAsync(async () => (await second.MemberAsync(member)).NumberOf("totalOrders") == 1_000);
        await UntilAsync(async () => await shop.CountAsync("laurel.inbox") == 0);
        (await shop.CountAsync("laurel.inbox.dead")).ShouldBe(0u);
        (await second.PointsAsync(member)).Available.ShouldBe(100 + 200 + 1_000);
        await shop.Site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData("not JSON", null, "BODY_MALFORMED")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"order.completed","data":{}}""", null, "VALIDATION_FAILED")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"cart.left","data":{}}""", null, "EVENT_TYPE_UNKNOWN")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"order.completed","data":{"orderId":"o","externalId":"c","currency":"USD","amount":1}}""", null, "CURRENCY_MISMATCH")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"order.completed","data":{"orderId":"o","externalId":"nobody","currency":"CNY","amount":1}}""", null, "MEMBER_NOT_FOUND")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"order.completed","data":{"orderId":"o","externalId":"c","currency":"CNY","amount":1}}""", "77", "TENANT_NOT_FOUND")]
    [InlineData("""{"specversion":"1.0","id":"x","source":"shop","type":"order.completed","data":{"orderId":"o","externalId":"c","currency":"CNY","amount":1}}""", "one", "TENANT_NOT_FOUND")]
    public async Task GoToTheDeadLettersWithTheReason_When_TheyAreRefused(string body, string? tenant, string code)
    {
        await using var shop = await ShopAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(shop.Site, Cancellation);
        var member = (await server.RegisterAsync("c")).TextOf("id")!;
        await shop.SendAsync(Encoding.UTF8.GetBytes(body), new BasicProperties
        {
            MessageId = "m-1",
            Headers = new Dictionary<string, object?> { ["shop"] = "1", ["laurel-tenant"] = tenant ?? "1" },
        });
        await shop.SendAsync(ShopEvents.Completed(member, "after", 100));

        await UntilAsync(async () => await shop.CountAsync("laurel.inbox.dead") == 1);
        var dead = (await shop.GetAsync("laurel.inbox.dead"))!;
        Encoding.UTF8.GetString(dead.Body.Span).ShouldBe(body);
        dead.BasicProperties.MessageId.ShouldBe("m-1");
        TextOf(dead, "laurel-code").ShouldBe(code);
        TextOf(dead, "laurel-reason").Length.ShouldBeGreaterThan(10);
        TextOf(dead, "shop").ShouldBe("1");
        // What comes after a bad message is carried out.
        await UntilAsync(async () => (await server.MemberAsync(member)).NumberOf("totalOrders") == 1);
    }

    [Fact]
    public async Task GoToTheTenantTheyName_When_ThereIsMoreThanOne()
    {
        await using var shop = await ShopAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(shop.Site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        var member = (await red.RegisterAsync("c")).TextOf("id")!;
        byte[] Body(string order, string? tenant)
        {
            var data = new { orderId = order, externalId = "c", currency = "CNY", amount = 100 };
            var told = JsonSerializer.SerializeToNode(ShopEvents.Event("order.completed", order, data))!.AsObject();
            if (tenant is not null)
            {
                told["tenant"] = tenant;
            }

            return JsonSerializer.SerializeToUtf8Bytes(told);
        }

        BasicProperties Header(object tenant) => new() { Headers = new Dictionary<string, object?> { ["laurel-tenant"] = tenant } };

        await shop.SendAsync(Body("by-code", null), Header("red"));
        await shop.SendAsync(Body("by-number", null), Header(2));
        await shop.SendAsync(Body("by-attribute", "red"), new BasicProperties());
        await UntilAsync(async () => (await red.MemberAsync(member)).NumberOf("totalOrders") == 3);
        await shop.SendAsync(Body("of-both", "default"), Header("red"));
        await UntilAsync(async () => await shop.CountAsync("laurel.inbox.dead") == 1);
        TextOf((await shop.GetAsync("laurel.inbox.dead"))!, "laurel-code").ShouldBe("TENANT_MISMATCH");

        await server.SuspendAsync("red");
        await shop.SendAsync(Body("while-suspended", "red"), new BasicProperties());
        await UntilAsync(async () => await shop.CountAsync("laurel.inbox") == 0);
        await server.ResumeAsync("red");
        (await red.MemberAsync(member)).NumberOf("totalOrders").ShouldBeInRange(3, 4);
        await UntilAsync(async () => (await red.MemberAsync(member)).NumberOf("totalOrders") == 4);
        await shop.Site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task AreAnswered_When_AReplyIsWanted()
    {
        await using var shop = await ShopAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(shop.Site, Cancellation);
        var member = (await server.RegisterAsync("c")).TextOf("id")!;
        await shop.Channel.QueueDeclareAsync("answers", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancellation);
        var batch = JsonSerializer.SerializeToUtf8Bytes(new[] { ShopEvents.Completed(member, "o1", 10_000), ShopEvents.Completed(member, "o1", 10_000), ShopEvents.Refunded("o1", "r1", 99_999) });
        await shop.SendAsync(batch, new BasicProperties { ReplyTo = "answers", CorrelationId = "q-1", ContentType = "application/cloudevents-batch+json" });

        await UntilAsync(async () => await shop.CountAsync("answers") == 1);
        var reply = (await shop.GetAsync("answers"))!;
        reply.BasicProperties.CorrelationId.ShouldBe("q-1");
        using var json = JsonDocument.Parse(reply.Body);
        json.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("status").GetString()).ShouldBe(["applied", "duplicate", "refused"]);
        var results = json.RootElement.GetProperty("results");
        results[0].GetProperty("entries").GetArrayLength().ShouldBe(results[1].GetProperty("entries").GetArrayLength());
        (await shop.CountAsync("laurel.inbox.dead")).ShouldBe(1u);
    }

    [Fact]
    public async Task WaitInTheQueue_When_NoNodeIsAWorker()
    {
        await using var shop = await ShopAsync(DatabaseUnderTest.Postgres);
        string member;
        shop.Site.Environment["LAUREL_ROLES"] = "api,outbox";
        await using (var server = await LaurelServer.StartAsync(shop.Site, Cancellation))
        {
            member = (await server.RegisterAsync("c")).TextOf("id")!;
            await shop.DeclareAsync();
            await shop.SendAsync(ShopEvents.Completed(member, "o1", 10_000));
            await Task.Delay(1_000, Cancellation);
            (await server.MemberAsync(member)).NumberOf("totalOrders").ShouldBe(0);
        }

        shop.Site.Environment["LAUREL_ROLES"] = "worker";
        await using var worker = await LaurelServer.StartAsync(shop.Site, Cancellation);
        await UntilAsync(async () => (await worker.GetAsync("/metrics")).Text.Contains("member_inbox_messages_total{result=\"applied\"} 1", StringComparison.Ordinal));
        (await worker.GetAsync("/ready")).Status.ShouldBe(200);
        (await worker.MemberAsync(member)).Status.ShouldBe(404);
    }

    private async Task<Shop> ShopAsync(DatabaseUnderTest database)
    {
        var url = await broker.CreateHostAsync(Cancellation);
        var site = await LaurelSite.CreateAsync(database, databases, Cancellation);
        site.Environment["RABBITMQ_URL"] = url.AbsoluteUri;
        site.Environment["LAUREL_INBOX_RETRY_SECONDS"] = "1";
        site.Environment["LAUREL_INBOX_ATTEMPTS"] = "5";
        var connection = await new ConnectionFactory { Uri = url }.CreateConnectionAsync(Cancellation);
        return new Shop(site, connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancellation));
    }

    private static string TextOf(BasicGetResult message, string header) => Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![header]!);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(s_patience);
            await Task.Delay(100, Cancellation);
        }
    }

    private sealed record Shop(LaurelSite Site, IConnection Connection, IChannel Channel) : IAsyncDisposable
    {
        public Task SendAsync(object shopEvent) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(shopEvent), new BasicProperties());

        public async Task SendAsync(byte[] body, BasicProperties properties)
        {
            for (var startedAt = Stopwatch.GetTimestamp(); ;)
            {
                try
                {
                    await Channel.BasicPublishAsync("", "laurel.inbox", mandatory: true, properties, body, Cancellation);
                    return;
                }
                catch (RabbitMQ.Client.Exceptions.PublishException) when (Stopwatch.GetElapsedTime(startedAt) < s_patience)
                {
                    // The server declares the queue a moment after it is ready.
                    await Task.Delay(100, Cancellation);
                }
            }
        }

        public async Task<uint> CountAsync(string queue) => await Channel.MessageCountAsync(queue, Cancellation);

        public Task<BasicGetResult?> GetAsync(string queue) => Channel.BasicGetAsync(queue, autoAck: true, Cancellation);

        /// <summary>The inbox as a worker declares it, before there is one.</summary>
        public Task DeclareAsync() => Laurel.Server.Messaging.RabbitMqTopology.DeclareIncomingAsync(Channel, Cancellation);

        public async ValueTask DisposeAsync()
        {
            await Connection.DisposeAsync();
            await Site.DisposeAsync();
        }
    }
}
