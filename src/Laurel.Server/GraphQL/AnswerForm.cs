using Microsoft.Net.Http.Headers;

namespace Laurel.Server.GraphQL;

/// <summary>What an answer is sent as.</summary>
internal enum AnswerForm
{
    /// <summary><c>application/json</c>: a status says that the request could be understood, no more.</summary>
    Json,

    /// <summary><c>application/graphql-response+json</c>: a status of 400 says that nothing was executed.</summary>
    Response,

    /// <summary><c>text/event-stream</c>.</summary>
    Events,
}

/// <summary>Chooses by the header <c>Accept</c> (RFC 9110 §12.5.1; GraphQL over HTTP, section 5.1).</summary>
internal static class AnswerForms
{
    public const string Json = "application/json; charset=utf-8";
    public const string Response = "application/graphql-response+json; charset=utf-8";
    public const string Events = "text/event-stream; charset=utf-8";

    /// <summary>The best-weighted, of equals the first that is named; JSON where none is, or the caller leaves it to us. And whether events are taken
    /// too.</summary>
    public static (AnswerForm Form, bool TakesEvents) Of(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        switch (accept.Count == 1 ? accept[0] : null)
        {
            case "*/*" or "application/json":
                return (AnswerForm.Json, false);
            case "application/graphql-response+json":
                return (AnswerForm.Response, false);
            case "text/event-stream":
                return (AnswerForm.Events, true);
        }

        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return (AnswerForm.Json, false);
        }

        var (best, bestWeight, takesEvents) = (AnswerForm.Json, 0.0, false);
        foreach (var range in ranges)
        {
            var weight = range.Quality ?? 1;
            if (FormOf(range.MediaType.Value) is { } form && weight > 0)
            {
                takesEvents |= form is AnswerForm.Events;
                (best, bestWeight) = weight > bestWeight ? (form, weight) : (best, bestWeight);
            }
        }

        return (best, takesEvents);
    }

    private static AnswerForm? FormOf(string? range) => range?.ToLowerInvariant() switch
    {
        "application/graphql-response+json" => AnswerForm.Response,
        "application/json" or "application/*" or "*/*" => AnswerForm.Json,
        "text/event-stream" => AnswerForm.Events,
        _ => null,
    };
}
