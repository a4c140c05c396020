using System.Collections.Concurrent;
using System.Text;
using Laurel.Identity.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Laurel.UnitTests.Identity;

/// <summary>A request as a provider saw it.</summary>
/// <param name="Parameters">Of the query and of a form in the body.</param>
internal sealed record Asked(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string this[string parameter] => Parameters.GetValueOrDefault(parameter, "");

    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}

/// <summary>A web server on the loopback that plays a provider: it answers what a test tells it to, and remembers what it was asked.</summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<Asked, HttpContext, Task>> _answers = new();
    private readonly ConcurrentQueue<Asked> _asked = new();

    private ProviderServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<Asked> All => [.. _asked];

    public ProviderClient Client { get; } = new(TimeSpan.FromSeconds(10));

    public LogLines Log { get; } = new();

    public static async Task<ProviderServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ProviderServer(app);
        app.Run(server.TakeAsync);
        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public ProviderFaults Faults(string provider) => new(provider, Log.CreateLogger("providers"));

    /// <summary>Has requests to a path answered with this body from now on, as text/plain, which is what WeChat calls its JSON.</summary>
    public ProviderServer Answer(string path, string body, int status = 200) => Answer(path, _ => body, status);

    public ProviderServer Answer(string path, Func<Asked, string> body, int status = 200) => AnswerRaw(path, async (asked, context) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(body(asked));
    });

    public ProviderServer AnswerRaw(string path, Func<Asked, HttpContext, Task> answer)
    {
        _answers[path] = answer;
        return this;
    }

    public IReadOnlyList<Asked> At(string path) => [.. _asked.Where(asked => asked.Path == path)];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var form = context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true
            ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.ToArray()))
            : [];
        IEnumerable<KeyValuePair<string, StringValues>> parameters = [.. context.Request.Query, .. form];
        var asked = new Asked(
            context.Request.Method,
            context.Request.Path.Value!,
            context.Request.QueryString.Value!.TrimStart('?'),
            parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString()),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        _asked.Enqueue(asked);
        if (_answers.TryGetValue(asked.Path, out var answer))
        {
            await answer(asked, context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}

/// <summary>Everything that was logged, one line a message, with its level before it.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => this;

    public ILogger<T> Of<T>() => LoggerFactory.Create(logging => logging.AddProvider(this)).CreateLogger<T>();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
