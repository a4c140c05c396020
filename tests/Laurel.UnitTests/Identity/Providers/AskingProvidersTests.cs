using System.Diagnostics;
using Laurel.Identity.Providers;
using Laurel.Identity.Wire;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

/// <summary>What holds for every provider: nothing that comes back, however slow, large or strange, is more than a refusal.</summary>
public sealed class AskingProvidersTests : IAsyncLifetime
{
    private const string Path = "/sns/jscode2session";

    private ProviderServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ProviderServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task IsNotFollowed_When_TheAnswerLeadsElsewhere()
    {
        _server.Answer("/elsewhere", """{"openid":"o1","session_key":"k"}""").AnswerRaw(Path, (_, context) =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });

        (await IdentifyAsync(_server.Client)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
        _server.At("/elsewhere").ShouldBeEmpty();
    }

    [Fact]
    public async Task IsUnavailable_When_TheAnswerDoesNotCome()
    {
        using var client = new ProviderClient(TimeSpan.FromMilliseconds(300));
        _server.AnswerRaw(Path, (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var startedAt = Stopwatch.GetTimestamp();

        (await IdentifyAsync(client)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");

        Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        _server.Log.Text.ShouldContain("no_answer");
    }

    [Fact]
    public async Task IsUnavailable_When_TheAnswerComesByDrops()
    {
        using var client = new ProviderClient(TimeSpan.FromMilliseconds(500));
        _server.AnswerRaw(Path, async (_, context) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(" ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, context.RequestAborted);
            }
        });

        (await IdentifyAsync(client)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task IsUnavailable_When_TheAnswerIsTooLarge()
    {
        var sent = 0L;
        _server.AnswerRaw(Path, async (_, context) =>
        {
            var block = new byte[64 * 1_024];
            Array.Fill(block, (byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                Interlocked.Add(ref sent, block.Length);
            }
        });

        (await IdentifyAsync(_server.Client)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");

        // What the connection buffers beyond the limit, not gigabytes.
        Interlocked.Read(ref sent).ShouldBeLessThan(64L * 1_024 * 1_024);
    }

    [Fact]
    public async Task IsUnavailable_When_TheConnectionBreaks()
    {
        _server.AnswerRaw(Path, (_, context) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        (await IdentifyAsync(_server.Client)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
        _server.Log.Text.ShouldContain("no_answer");
    }

    [Fact]
    public async Task IsUnavailable_When_NobodyListens()
    {
        var address = _server.Address;
        await _server.DisposeAsync();
        using var client = new ProviderClient(TimeSpan.FromSeconds(5));

        var mini = new WeChatMiniProgram(
            new ProviderAppOptions { AppId = "app", Secret = "secret-4711", BaseAddress = address }, client, _server.Faults(ProviderName.WeChatMini), TimeProvider.System);

        (await mini.IdentifyAsync("code", null, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
        _server.Log.Text.ShouldContain("no_connection");
        _server.Log.Text.ShouldNotContain("secret-4711");
    }

    [Theory]
    [InlineData(429, "PROVIDER_BUSY")]
    [InlineData(503, "PROVIDER_BUSY")]
    [InlineData(500, "PROVIDER_UNAVAILABLE")]
    [InlineData(404, "PROVIDER_UNAVAILABLE")]
    public async Task IsRefused_When_TheStatusIs(int status, string code)
    {
        _server.Answer(Path, "<html></html>", status);

        (await IdentifyAsync(_server.Client)).Refusal!.Code.ShouldBe(code);
    }

    [Fact]
    public async Task StopsAtOnce_When_TheCallerGoesAway()
    {
        _server.AnswerRaw(Path, (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var caller = new CancellationTokenSource();
        var call = Mini(_server.Client).IdentifyAsync("code", null, caller.Token);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task LeavesNoTrace_When_SomebodyListensToActivities()
    {
        var seen = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("System.Net", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => seen.AddRange(activity.TagObjects.Select(tag => $"{tag.Value}")),
        };
        ActivitySource.AddActivityListener(listener);
        _server.Answer(Path, """{"openid":"o1","session_key":"k"}""");

        (await IdentifyAsync(_server.Client)).Succeeded.ShouldBeTrue();

        seen.ShouldNotContain(text => text.Contains("jscode2session", StringComparison.Ordinal));
    }

    [Fact]
    public void AreThere_When_TheyAreSetUp()
    {
        var app = new ProviderAppOptions { AppId = "a", Secret = "s", BaseAddress = _server.Address };
        var account = new WeChatAccountOptions { AppId = "a", Secret = "s", BaseAddress = _server.Address, AuthorizeAddress = _server.Address };
        using var loggers = Microsoft.Extensions.Logging.LoggerFactory.Create(_ => { });

        var all = new SignInProviders(
            new SignInOptions { WeChatMini = app, WeChat = account, WeChatWeb = account, Qq = app, Weibo = app }, _server.Client, TimeProvider.System, loggers);
        var none = new SignInProviders(new SignInOptions(), _server.Client, TimeProvider.System, loggers);

        all.Names.ShouldBe(["qq", "wechat", "wechat_mini", "wechat_web", "weibo"]);
        all.Find("wechat_mini").ShouldBe(all.WeChatMini);
        all.Find("alipay").ShouldBeNull();
        all.Names.ShouldAllBe(name => all.Find(name)!.Name == name);
        none.Names.ShouldBeEmpty();
        none.WeChatMini.ShouldBeNull();
    }

    private Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(ProviderClient client) => Mini(client).IdentifyAsync("code", null, Stop);

    private WeChatMiniProgram Mini(ProviderClient client) => new(
        new ProviderAppOptions { AppId = "app", Secret = "secret", BaseAddress = _server.Address }, client, _server.Faults(ProviderName.WeChatMini), TimeProvider.System);
}
