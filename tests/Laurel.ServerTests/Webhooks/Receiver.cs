using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Laurel.ServerTests.Webhooks;

/// <summary>A request that a receiver got.</summary>
internal sealed record Received(string Path, string Id, string Timestamp, string Signatures, string ContentType, byte[] Body)
{
    public JsonElement Event { get; } = JsonDocument.Parse(Body).RootElement;

    public string Type => Event.GetProperty("type").GetString()!;

    /// <summary>Verifies as the specification tells receivers to, for one secret <c>whsec_…</c>.</summary>
    public bool IsSignedWith(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var content = (byte[])[.. Encoding.UTF8.GetBytes($"{Id}.{Timestamp}."), .. Body];
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content));
        return Signatures.Split(' ').Contains(expected);
    }
}

/// <summary>A web server on the loopback that takes webhooks, each path in a way of its own.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly ConcurrentQueue<string> _asked = new();

    private Receiver(WebApplication app) => _app = app;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The paths that something was fetched from, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Every webhook that came, in order.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    /// <summary>Has requests to a path answered so from now on; without it they are answered 204.</summary>
    public Receiver Answer(string path, RequestDelegate answer)
    {
        _answers[path] = answer;
        return this;
    }

    public Receiver Answer(string path, int status) => Answer(path, context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    public IReadOnlyList<Received> At(string path) => [.. _received.Where(request => request.Path == path)];

    /// <summary>Waits until so many requests came to a path.</summary>
    public async Task<IReadOnlyList<Received>> WaitAsync(string path, int count, CancellationToken cancellationToken, int seconds = 30)
    {
        await Waiting.UntilAsync(() => At(path).Count >= count, $"{count} requests at {path}", cancellationToken, seconds);
        return At(path);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        var path = context.Request.Path.Value!;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            _asked.Enqueue(path);
        }
        else
        {
            _received.Enqueue(new Received(
                path,
                headers["webhook-id"].ToString(),
                headers["webhook-timestamp"].ToString(),
                headers["webhook-signature"].ToString(),
                context.Request.ContentType ?? "",
                body.ToArray()));
        }

        if (_answers.TryGetValue(path, out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }
}

/// <summary>Waits for what another process does.</summary>
internal static class Waiting
{
    public static async Task UntilAsync(Func<bool> holds, string what, CancellationToken cancellationToken, int seconds = 30) =>
        await UntilAsync(() => Task.FromResult(holds()), what, cancellationToken, seconds);

    public static async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellationToken, int seconds = 30)
    {
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await holds())
        {
            System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(seconds), what);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
