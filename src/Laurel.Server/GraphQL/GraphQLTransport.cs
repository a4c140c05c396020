using System.Buffers;
using System.Net.Mime;
using Laurel.Engine.Audit;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Tenants;
using Laurel.Server.Hosting;
using Microsoft.Net.Http.Headers;

namespace Laurel.Server.GraphQL;

/// <summary>Carries requests to a service and answers back: GraphQL over HTTP, over server-sent events, and over WebSockets
/// (<see cref="GraphQLSocket"/>).</summary>
/// <remarks>The service may be any: what its fields are, and who may ask for them, is no matter of the transport. Who calls is known before a request is
/// prepared (<see cref="AccessMiddleware"/>); each operation counts as a call of its holder.</remarks>
internal sealed partial class GraphQLTransport
{
    private readonly TenantDirectory _tenants;
    private readonly ClientAddresses _addresses;
    private readonly ILogger _logger;

    public GraphQLTransport(GraphQLService service, IServiceProvider services)
    {
        Service = service;
        Settings = services.GetRequiredService<GraphQLSettings>();
        Streams = services.GetRequiredService<OpenStreams>();
        Limits = services.GetRequiredService<RateLimitGate>();
        Credentials = services.GetRequiredService<Credentials>();
        Clock = services.GetRequiredService<TimeProvider>();
        _tenants = services.GetRequiredService<TenantDirectory>();
        _addresses = services.GetRequiredService<ClientAddresses>();
        _logger = services.GetRequiredService<ILogger<GraphQLTransport>>();
    }

    public GraphQLService Service { get; }

    public GraphQLSettings Settings { get; }

    public OpenStreams Streams { get; }

    public RateLimitGate Limits { get; }

    public Credentials Credentials { get; }

    public TimeProvider Clock { get; }

    public Task AnswerAsync(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest ? GraphQLSocket.RunAsync(context, this) : AnswerCallAsync(context);

    /// <summary>Who calls, for the tenant of the credentials or the one that the call names; or why nobody may.</summary>
    public async ValueTask<(GraphQLCaller? Caller, Refusal? Refusal)> CallerOfAsync(HttpContext context, Actor? actor)
    {
        if (actor is not null)
        {
            return (new GraphQLCaller(context, actor.Tenant, actor), null);
        }

        var (tenant, refusal) = await _tenants.FindNamedAsync(context.Request, context.RequestAborted);
        return tenant is null ? (null, refusal) : (new GraphQLCaller(context, tenant.Id, null), null);
    }

    /// <summary>The scope in which one operation of a caller is executed.</summary>
    public ExecutionScope ScopeOf(GraphQLCaller caller) => caller.BeginOperation((fault, path) => Hear(caller, fault, path));

    /// <summary>Lets the commands of an operation know where they come from, as those of a call do.</summary>
    public void TakeOrigin(GraphQLCaller caller, OperationType kind) =>
        Origin.Current = kind is OperationType.Mutation ? CallOrigin.Of(caller.Context, caller.Actor, _addresses) : null;

    public void Fault(Exception exception) => LogFault(_logger, exception, "(socket)");

    private async Task AnswerCallAsync(HttpContext context)
    {
        var read = HttpMethods.IsPost(context.Request.Method) ? await ReadBodyAsync(context) : RequestReader.Read(context.Request.Query);
        if (read.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (caller, refusal) = await CallerOfAsync(context, context.Features.Get<Actor>());
        if (caller is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        await (read.IsBatch ? AnswerBatchAsync(context, caller, read.Requests) : AnswerAsync(context, caller, read.Requests[0]));
    }

    private async ValueTask<RequestRead> ReadBodyAsync(HttpContext context)
    {
        if (!IsJson(context.Request))
        {
            return new([], IsBatch: false, new RequestFailure(new Refusal(ErrorCode.MediaTypeUnsupported, ("expected", MediaTypeNames.Application.Json))));
        }

        var tooLarge = new RequestRead([], IsBatch: false, new RequestFailure(new Refusal(ErrorCode.BodyTooLarge, ("bytesMax", Settings.RequestBytesMax))));
        if (context.Request.ContentLength > Settings.RequestBytesMax)
        {
            return tooLarge;
        }

        var pipe = context.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > Settings.RequestBytesMax)
            {
                pipe.AdvanceTo(result.Buffer.End);
                return tooLarge;
            }

            if (result.IsCompleted)
            {
                var read = RequestReader.Read(result.Buffer, Service.Options.BatchMax);
                pipe.AdvanceTo(result.Buffer.End);
                return read;
            }

            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    // A page of another site can post forms and plain text without asking first, but no JSON.
    private static bool IsJson(HttpRequest request) =>
        request.Headers.ContentEncoding.Count == 0
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private async Task AnswerAsync(HttpContext context, GraphQLCaller caller, GraphQLRequest request)
    {
        var (form, takesEvents) = AnswerForms.Of(context.Request);
        var prepared = Service.Prepare(request);
        if (!prepared.Succeeded)
        {
            await WriteAsync(context, caller, form, Refusals.ResultOf(prepared));
            return;
        }

        var operation = prepared.Operation;
        if (operation.Kind is OperationType.Mutation && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await RefuseAsync(context, new Refusal(ErrorCode.MethodNotAllowed));
            return;
        }

        if (operation.Kind is OperationType.Subscription)
        {
            await (takesEvents ? StreamAsync(context, caller, operation) : RefuseAsync(context, new Refusal(ErrorCode.StreamRequired)));
            return;
        }

        await WriteAsync(context, caller, form, await Service.ExecuteAsync(operation, ScopeOf(caller), context.RequestAborted));
    }

    private async Task AnswerBatchAsync(HttpContext context, GraphQLCaller caller, IReadOnlyList<GraphQLRequest> requests)
    {
        var batch = Service.PrepareBatch(requests);
        var isResponse = AnswerForms.Of(context.Request).Form is AnswerForm.Response;
        if (batch.Refusal is { } refusal)
        {
            await WriteAsync(context, StatusOf(isResponse, hasData: false), isResponse, ExecutionResult.Refused([Refusals.Limited(refusal)]));
            return;
        }

        // One after the other: whoever batches a mutation and a query expects the query to see it.
        var results = new ExecutionResult[requests.Count];
        for (var index = 0; index < results.Length; index++)
        {
            results[index] = await AnswerAsync(caller, batch.Requests[index], isFirst: index == 0, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        await JsonScratch.SendAsync(
            context.Response,
            isResponse ? AnswerForms.Response : AnswerForms.Json,
            results,
            static (writer, all) =>
            {
                writer.WriteStartArray();
                foreach (var result in all)
                {
                    result.WriteTo(writer);
                }

                writer.WriteEndArray();
            },
            context.RequestAborted);
    }

    private async ValueTask<ExecutionResult> AnswerAsync(GraphQLCaller caller, Preparation prepared, bool isFirst, CancellationToken cancellationToken)
    {
        var refusal = isFirst ? null : await Limits.TakeAnotherAsync(caller.Actor);
        return (refusal, prepared) switch
        {
            ({ } limited, _) => Refused(limited, caller.Language),
            (_, { Operation: null }) => Refusals.ResultOf(prepared),
            (_, { Operation.Kind: OperationType.Subscription }) => Refused(new Refusal(ErrorCode.StreamRequired), caller.Language),
            _ => await Service.ExecuteAsync(prepared.Operation!, ScopeOf(caller), cancellationToken),
        };
    }

    private async Task StreamAsync(HttpContext context, GraphQLCaller caller, PreparedOperation operation)
    {
        using var stream = new EventStream(context, caller, Settings, Clock);
        if (Streams.Open(stream.Handle) is { } full)
        {
            await RefuseAsync(context, full);
            return;
        }

        try
        {
            if (Streams.Know(stream.Handle, caller) is { } refusal)
            {
                await RefuseAsync(context, refusal);
                return;
            }

            var subscribed = await Service.SubscribeAsync(operation, ScopeOf(caller), stream.Ended);
            await (subscribed.Events is { } events ? stream.WriteAsync(events) : stream.WriteAsync(subscribed.Refusal!));
        }
        finally
        {
            Streams.Close(stream.Handle);
        }
    }

    private async Task WriteAsync(HttpContext context, GraphQLCaller caller, AnswerForm form, ExecutionResult result)
    {
        if (form is AnswerForm.Events)
        {
            using var stream = new EventStream(context, caller, Settings, Clock);
            await stream.WriteAsync(result);
            return;
        }

        var isResponse = form is AnswerForm.Response;
        await WriteAsync(context, StatusOf(isResponse, result.HasData), isResponse, result);
    }

    private static Task WriteAsync(HttpContext context, int status, bool isResponse, ExecutionResult result)
    {
        context.Response.StatusCode = status;
        return JsonScratch.SendAsync(
            context.Response,
            isResponse ? AnswerForms.Response : AnswerForms.Json,
            result,
            static (writer, answer) => answer.WriteTo(writer),
            context.RequestAborted);
    }

    // GraphQL over HTTP, section 6.4: in application/json a status tells of the call alone, or proxies could be taken for the service.
    private static int StatusOf(bool isResponse, bool hasData) => isResponse && !hasData ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;

    /// <summary>What of an exception is told: that the database cannot be asked, or under which id the log has it.</summary>
    private FieldRefusal Hear(GraphQLCaller caller, Exception fault, ResponsePath path)
    {
        if (WebHost.LacksDatabase(caller.Context, fault))
        {
            return Refusals.FieldOf(new RequestFailure(new Refusal(ErrorCode.DatabaseUnavailable)), caller.Language);
        }

        LogFault(_logger, fault, string.Join('.', path.ToSteps()));
        var told = Refusals.FieldOf(new RequestFailure(new Refusal(ErrorCode.Internal)), caller.Language);
        return told with { Extensions = new Dictionary<string, object?>(told.Extensions!) { ["traceId"] = ProblemResponse.TraceIdOf(caller.Context) } };
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal) => ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);

    private static ExecutionResult Refused(Refusal refusal, Platform.Errors.Language language) =>
        ExecutionResult.Refused([Refusals.ErrorOf(new RequestFailure(refusal), language)]);

    [LoggerMessage(196, LogLevel.Error, "A field of GraphQL failed: {Path}.")]
    private static partial void LogFault(ILogger logger, Exception exception, string path);
}
