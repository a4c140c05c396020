using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Lanes;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Writes;

/// <summary>Answers what became of a single write.</summary>
public static class WriteResponse
{
    /// <summary>Says in the answer's headers which version it stands for. Of the outcomes of one request the greatest is that of
    /// the batch that was committed last.</summary>
    public static void TellVersion(HttpContext context, params ReadOnlySpan<Outcome> outcomes)
    {
        var version = 0L;
        foreach (var outcome in outcomes)
        {
            version = Math.Max(version, outcome.Version);
        }

        if (version > 0)
        {
            context.Response.Headers[WriteRequests.VersionHeader] = version.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Answers an outcome other than a duplicate, of which only the use case knows how to tell.</summary>
    /// <param name="status">The status of an applied write: 200 or 201.</param>
    public static Task WriteAsync<TReply>(HttpContext context, Outcome outcome, int status, JsonTypeInfo<TReply> type)
    {
        switch (outcome)
        {
            case Outcome.Applied applied:
                return WriteAsync(context, status, (TReply)applied.Reply, type);
            case Outcome.Refused refused:
                return ProblemResponse.WriteAsync(context, refused.Refusal, context.RequestAborted);
            case Outcome.Failed failed:
                return ProblemResponse.WriteAsync(context, failed.Refusal, context.RequestAborted);
            case Outcome.Replayed { Reply: { Applied: false } reply }:
                context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
                return ProblemResponse.WriteAsync(context, RefusalForm.Read(reply.Body), context.RequestAborted);
            case Outcome.Replayed { Reply: { Applied: true } reply }:
                context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
                return WriteBytesAsync(context, status, reply.Body);
            default:
                throw new Kernel.InvariantBrokenException($"A {outcome.GetType().Name} is answered by its use case.");
        }
    }

    /// <summary>Answers a duplicate with what the first did.</summary>
    public static Task WriteDuplicateAsync<TReply>(HttpContext context, int status, TReply earlier, JsonTypeInfo<TReply> type)
    {
        context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        return WriteAsync(context, status, earlier, type);
    }

    public static Task WriteAsync<TReply>(HttpContext context, int status, TReply reply, JsonTypeInfo<TReply> type)
    {
        context.Response.StatusCode = status;
        return JsonScratch.SendAsync(
            context.Response,
            "application/json; charset=utf-8",
            (reply, type),
            static (writer, state) => JsonSerializer.Serialize(writer, state.reply, state.type),
            context.RequestAborted);
    }

    /// <summary>Answers with a body that was rendered before.</summary>
    public static Task WriteBytesAsync(HttpContext context, int status, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        var flushed = response.BodyWriter.FlushAsync(context.RequestAborted);
        return flushed.IsCompletedSuccessfully ? Task.CompletedTask : flushed.AsTask();
    }
}
