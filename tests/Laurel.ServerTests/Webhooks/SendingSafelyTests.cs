using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Laurel.Platform.Outside;
using Laurel.Platform.Webhooks;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>E5 and C5: what the client does when names lie and receivers misbehave. Names are resolved by the test.</summary>
public sealed class SendingSafelyTests
{
    private static readonly byte[] s_body = """{"specversion":"1.0"}"""u8.ToArray();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "E5")]
    public async Task ConnectsNowhere_When_ANameTurnsToALocalAddress()
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Address).Port;
        var asked = 0;
        // The first answer is public, as at the registration; the second is what a rebinding server says later.
        ResolveName rebinding = (_, _) => Task.FromResult<IPAddress[]>([asked++ == 0 ? IPAddress.Parse("93.184.216.34") : IPAddress.Loopback]);
        var rule = new AddressRule([]);
        (await new PublicUrl(rule, allowHttp: true, rebinding).FaultOfHostAsync(new Uri($"http://shop.example:{port}/"), Cancellation)).ShouldBeNull();

        using var client = new WebhookClient(rule, rebinding, new WebhookOptions(), TimeProvider.System);
        var result = await client.SendAsync(Target($"http://shop.example:{port}/"), "1-0", s_body, Cancellation);

        result.Error.ShouldBe(WebhookClient.AddressRefused);
        asked.ShouldBe(2);
        receiver.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [Trait("Attack", "E5")]
    public async Task ConnectsNowhere_When_ANameLeadsInside(string address)
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Address).Port;
        using var client = Client([], _ => [IPAddress.Parse("93.184.216.34"), IPAddress.Parse(address)]);

        var result = await client.SendAsync(Target($"http://shop.example:{port}/"), "1-0", s_body, Cancellation);

        result.Error.ShouldBe(WebhookClient.AddressRefused);
        result.Response.ShouldBeNull();
        receiver.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task ConnectsToTheAddressItJudged_When_ANameIsAllowed()
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Address).Port;
        using var client = Client([IPNetwork.Parse("127.0.0.0/8")], host => host == "shop.example" ? [IPAddress.Loopback] : []);

        (await client.SendAsync(Target($"http://shop.example:{port}/here"), "1-0", s_body, Cancellation)).Delivered.ShouldBeTrue();
        receiver.All.Single().Path.ShouldBe("/here");
        (await client.SendAsync(Target($"http://nowhere.example:{port}/"), "1-0", s_body, Cancellation)).Error.ShouldBe(WebhookClient.AddressRefused);
    }

    [Fact]
    [Trait("Attack", "E5")]
    public async Task GoesNoFurther_When_TheReceiverRedirectsToAnInsideAddress()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/out", context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "http://169.254.169.254/latest/meta-data/";
            return Task.CompletedTask;
        });
        using var client = LoopbackClient();

        var result = await client.SendAsync(Target(receiver.Address + "/out"), "1-0", s_body, Cancellation);

        (result.Status, result.Delivered).ShouldBe((307, false));
    }

    [Fact]
    public async Task EndsInTime_When_TheReceiverNeverAnswers()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/tarpit", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        receiver.Answer("/drip", async context =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await context.Response.WriteAsync("x", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, context.RequestAborted);
            }
        });
        using var client = LoopbackClient(TimeSpan.FromSeconds(1));
        foreach (var path in new[] { "/tarpit", "/drip" })
        {
            var startedAt = Stopwatch.GetTimestamp();
            (await client.SendAsync(Target(receiver.Address + path), "1-0", s_body, Cancellation)).Error.ShouldBe("timeout");
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        }
    }

    [Fact]
    public async Task ReadsNoMoreThanItMust_When_TheAnswerIsGiant()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sending = Task.Run(() => SendForEverAsync(listener), Cancellation);
        using var client = LoopbackClient();

        var result = await client.SendAsync(Target($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), "1-0", s_body, Cancellation);

        result.Status.ShouldBe(200);
        result.Response!.ShouldBe(new string('y', WebhookClient.ResponseCharactersMax));
        // What was sent lies in the buffers of two sockets; nobody read it.
        (await sending).ShouldBeLessThan(32L << 20);
    }

    [Fact]
    public async Task RemembersWordsAlone_When_TheAnswerHoldsControlCharacters()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/odd", context =>
        {
            context.Response.StatusCode = 500;
            return context.Response.Body.WriteAsync(new byte[] { (byte)'a', 0, 0x1B, (byte)'\n', 0xFF, (byte)'b' }).AsTask();
        });
        using var client = LoopbackClient();

        (await client.SendAsync(Target(receiver.Address + "/odd"), "1-0", s_body, Cancellation)).Response.ShouldBe("a   \uFFFDb");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "response")]
    [InlineData("no http at all\r\n\r\n", "response")]
    [InlineData("", "response")]
    public async Task IsAFailure_When_TheAnswerIsBroken(string answer, string error)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(
            async () =>
            {
                using var socket = await listener.AcceptSocketAsync(Cancellation);
                await socket.ReceiveAsync(new byte[4_096], Cancellation);
                await socket.SendAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
                socket.Shutdown(SocketShutdown.Both);
            },
            Cancellation);
        using var client = LoopbackClient();

        var result = await client.SendAsync(Target($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), "1-0", s_body, Cancellation);

        await answering;
        (result.Error, result.Delivered).ShouldBe((error, false));
    }

    [Fact]
    public async Task TellsWhy_When_ThereIsNobodyOrNoTls()
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Address).Port;
        using var client = Client([IPNetwork.Parse("127.0.0.0/8")], _ => throw new SocketException((int)SocketError.HostNotFound));

        (await client.SendAsync(Target($"https://127.0.0.1:{port}/"), "1-0", s_body, Cancellation)).Error.ShouldBe("tls");
        (await client.SendAsync(Target("http://shop.example:8080/"), "1-0", s_body, Cancellation)).Error.ShouldBe("name_not_resolved");
        (await client.SendAsync(Target($"http://127.0.0.1:{Laurel.Testing.ChildProcess.FreePort()}/"), "1-0", s_body, Cancellation)).Error.ShouldBe("connection");
        (await client.SendAsync(Target("http://127.0.0.1:22/"), "1-0", s_body, Cancellation)).Error.ShouldBe(WebhookClient.AddressRefused);
    }

    /// <summary>Answers one request with a body that has no end, until the other side hangs up.</summary>
    /// <returns>Bytes of the body that the network took.</returns>
    private static async Task<long> SendForEverAsync(TcpListener listener)
    {
        using var socket = await listener.AcceptSocketAsync(Cancellation);
        await socket.ReceiveAsync(new byte[4_096], Cancellation);
        await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n"u8.ToArray(), Cancellation);
        var chunk = Encoding.ASCII.GetBytes(new string('y', 65_536));
        var sent = 0L;
        try
        {
            while (true)
            {
                sent += await socket.SendAsync(chunk, Cancellation);
            }
        }
        catch (SocketException)
        {
            return sent;
        }
    }

    private static WebhookTarget Target(string url) => new(new Uri(url), [new byte[32]]);

    private static WebhookClient LoopbackClient(TimeSpan? timeout = null) =>
        Client([IPNetwork.Parse("127.0.0.0/8")], _ => [], timeout);

    private static WebhookClient Client(IReadOnlyList<IPNetwork> allowed, Func<string, IPAddress[]> resolve, TimeSpan? timeout = null)
    {
        var options = new WebhookOptions { AllowedNetworks = allowed, Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        return new WebhookClient(new AddressRule(allowed), (host, _) => Task.Run(() => resolve(host)), options, TimeProvider.System);
    }
}
