using System.Text.Json.Serialization;

namespace Laurel.Bench.Servers;

/// <summary>The yardstick: Kestrel parses an earning, answers what an earning answers, and stores nothing.</summary>
internal static class EchoServer
{
    private const string UnitOfPoints = "points";

    /// <summary>Serves until it is told to end; <c>GET /ready</c> answers 200 when it does.</summary>
    public static async Task RunAsync(string url, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.ConfigureHttpJsonOptions(static options =>
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, EchoJson.Default));
        await using var app = builder.Build();
        app.MapGet("/ready", static () => TypedResults.Ok());
        app.MapPost("/echo", static (EchoRequest request) => TypedResults.Ok(AnswerTo(request)));
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    private static EchoAnswer AnswerTo(EchoRequest request) => new()
    {
        MemberId = request.MemberId,
        Entries =
        [
            new EchoEntry
            {
                Id = request.MemberId,
                Unit = UnitOfPoints,
                Amount = request.Points,
                BalanceAfter = request.Points,
                Kind = "earn",
                Rule = request.ReferenceId,
                ExpiresAt = DateTimeOffset.UnixEpoch,
            },
        ],
        Points = new EchoPoints { Available = request.Points },
    };
}

internal sealed record EchoRequest
{
    public required string MemberId { get; init; }

    public required long Points { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }
}

internal sealed record EchoAnswer
{
    public required string MemberId { get; init; }

    public required IReadOnlyList<EchoEntry> Entries { get; init; }

    public required EchoPoints Points { get; init; }
}

internal sealed record EchoEntry
{
    public required string Id { get; init; }

    public required string Unit { get; init; }

    public required long Amount { get; init; }

    public required long BalanceAfter { get; init; }

    public required string Kind { get; init; }

    public required string Rule { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed record EchoPoints
{
    public required long Available { get; init; }

    public long Pending { get; init; }

    public long Held { get; init; }
}

[JsonSerializable(typeof(EchoRequest))]
[JsonSerializable(typeof(EchoAnswer))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class EchoJson : JsonSerializerContext;
