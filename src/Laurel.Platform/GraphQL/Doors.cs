using System.Collections.Frozen;
using System.Net.Mime;
using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Kernel;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Laurel.Platform.GraphQL;

/// <summary>The operations of the REST interface, open from within to the fields of GraphQL: whoever asks goes through the same access control, the same limits
/// and the same audit as if it had called them.</summary>
/// <param name="pipeline">What a call runs through behind the router: access, limits, and at its end <see cref="EnterAsync"/>.</param>
/// <param name="endpoints">All operations there are.</param>
public sealed class Doors(RequestDelegate pipeline, IEnumerable<Endpoint> endpoints)
{
    // Of the document that carries the fields, not of what the fields call.
    private static readonly FrozenSet<string> s_notCarried = new[]
    {
        "Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "If-Match", "If-None-Match", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly FrozenDictionary<Door, RouteEndpoint> _endpoints = endpoints
        .OfType<RouteEndpoint>()
        .SelectMany(endpoint => MethodsOf(endpoint).Select(method => (Door: new Door(method, endpoint.RoutePattern.RawText ?? ""), Endpoint: endpoint)))
        .ToFrozenDictionary(known => known.Door, known => known.Endpoint);

    /// <summary>Asks only whether the caller would be let in.</summary>
    private sealed class Knock
    {
        public bool IsAdmitted { get; set; }
    }

    /// <summary>The end of the pipeline: runs the operation, unless it was only asked whether it may be run.</summary>
    public static Task EnterAsync(HttpContext context)
    {
        if (context.Features.Get<Knock>() is { } knock)
        {
            knock.IsAdmitted = true;
            return Task.CompletedTask;
        }

        return context.GetEndpoint()!.RequestDelegate!(context);
    }

    /// <summary>Whether a caller may do what a call does. Counts as a call for the caller's limits.</summary>
    public async ValueTask<Admission> AdmitAsync(GraphQLCaller caller, DoorCall call, CancellationToken cancellationToken)
    {
        var context = ContextOf(caller, call, cancellationToken);
        var knock = new Knock();
        context.Features.Set(knock);
        await pipeline(context);
        return new Admission(knock.IsAdmitted ? null : Read(context).Refusal, context);
    }

    /// <summary>Calls an operation for a caller.</summary>
    public async ValueTask<DoorAnswer> CallAsync(GraphQLCaller caller, DoorCall call, CancellationToken cancellationToken)
    {
        var context = ContextOf(caller, call, cancellationToken);
        await pipeline(context);
        return Read(context);
    }

    /// <summary>Calls an operation that answers nothing but that it is done.</summary>
    public async Task<Resolved<bool>> DoAsync(GraphQLCaller caller, DoorCall call, CancellationToken cancellationToken) =>
        (await CallAsync(caller, call, cancellationToken)).Refusal is { } refusal ? refusal : true;

    /// <summary>Why a call was refused whose problem was answered behind the threshold.</summary>
    public static FieldRefusal RefusalOf(HttpContext call) => Read(call).Refusal!;

    private DefaultHttpContext ContextOf(GraphQLCaller caller, DoorCall call, CancellationToken cancellationToken)
    {
        Invariant.Require(_endpoints.TryGetValue(call.Door, out var endpoint), $"There is no operation {call.Door}.");
        var carrier = caller.Context;
        var context = new DefaultHttpContext { RequestServices = carrier.RequestServices, RequestAborted = cancellationToken, TraceIdentifier = carrier.TraceIdentifier };
        context.Connection.RemoteIpAddress = carrier.Connection.RemoteIpAddress;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new MemoryStream()));
        CarryHeaders(carrier.Request.Headers, context.Request.Headers, call.Part);
        var request = context.Request;
        (request.Method, request.Scheme, request.Host) = (call.Door.Method, carrier.Request.Scheme, carrier.Request.Host);
        (request.Path, request.QueryString, request.RouteValues) = (PathOf(endpoint.RoutePattern, call.Route), call.Query, call.Route);
        if (call.Body is { } body)
        {
            (request.ContentType, request.ContentLength, request.Body) = (MediaTypeNames.Application.Json, body.Length, new MemoryStream(body));
        }

        if (caller.Actor is { } actor)
        {
            context.Features.Set(new KnownCaller(actor));
        }

        context.SetEndpoint(endpoint);
        return context;
    }

    private static void CarryHeaders(IHeaderDictionary from, IHeaderDictionary to, string? part)
    {
        foreach (var (name, values) in from)
        {
            if (!s_notCarried.Contains(name))
            {
                to[name] = values;
            }
        }

        if (part is not null && to.TryGetValue(WriteRequests.IdempotencyHeader, out var key))
        {
            to[WriteRequests.IdempotencyHeader] = $"{key}:{part}";
        }
    }

    private static DoorAnswer Read(HttpContext context)
    {
        var body = (MemoryStream)context.Response.Body;
        var answer = body.Length == 0 ? default : JsonElement.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
        return context.Response.StatusCode < StatusCodes.Status400BadRequest ? new DoorAnswer(null, answer) : new DoorAnswer(RefusalOf(answer), default);
    }

    /// <summary>A problem document (RFC 9457) as an error of GraphQL: its words, and all else that it says in the extensions.</summary>
    private static FieldRefusal RefusalOf(JsonElement problem)
    {
        var extensions = new Dictionary<string, object?>();
        foreach (var member in problem.EnumerateObject().Where(member => member.Name is not ("type" or "title" or "detail" or "instance")))
        {
            extensions[member.Name] = member.Value;
        }

        var message = problem.TryGetProperty("detail", out var detail) ? detail : problem.GetProperty("title");
        return new FieldRefusal(message.GetString()!, extensions);
    }

    private static PathString PathOf(RoutePattern pattern, RouteValueDictionary values) =>
        new("/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => (string?)values[parameter.Name] ?? "",
            _ => "",
        })))));

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? (IEnumerable<string>)[];
}
