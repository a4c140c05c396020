using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Http;

/// <summary>How an endpoint tells refusals whose callers read no problem documents. Status and headers are the same.</summary>
/// <param name="ContentTypeOf">The media type of the answer to a request.</param>
/// <param name="Write">Writes the whole answer as one JSON value; synchronous.</param>
public sealed record RefusalShape(Func<HttpRequest, string> ContentTypeOf, Action<Utf8JsonWriter, HttpContext, RequestFailure, Language> Write);

/// <summary>Answers refused calls with <c>application/problem+json</c> (RFC 9457) in the caller's language.</summary>
public static class ProblemResponse
{
    public const string ContentType = "application/problem+json";

    // A value may not displace a member that has its own meaning in a problem document or in an event's result.
    private static readonly HashSet<string> s_reservedMembers =
    [
        "type", "title", "status", "detail", "instance", "code", "errors", "traceId", "retryable", "pointer", "id",
        "entries", "level",
    ];

    public static Task WriteAsync(HttpContext context, Refusal refusal, CancellationToken cancellationToken) =>
        WriteAsync(context, new RequestFailure(refusal), cancellationToken);

    public static Task WriteAsync(
        HttpContext context,
        IReadOnlyList<FieldError> errors,
        CancellationToken cancellationToken) =>
        WriteAsync(context, RequestFailure.Of(errors), cancellationToken);

    /// <summary>Sets the status and its headers and writes the whole body. A 500 tells nothing but the trace
    /// id.</summary>
    /// <exception cref="InvariantBrokenException">When the code is in no catalogue, or the response has
    /// started.</exception>
    public static Task WriteAsync(HttpContext context, RequestFailure failure, CancellationToken cancellationToken)
    {
        var response = context.Response;
        Invariant.Require(!response.HasStarted, "A problem is written before anything else of the response.");
        var kind = ErrorCatalog.Get(failure.Refusal.Code);
        RefusedCalls.Note(context, kind);
        var language = RequestLanguage.Of(context.Request);
        response.StatusCode = kind.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentLanguage = language switch
        {
            Language.English => "en",
            Language.Chinese => "zh",
        };
        if (kind.Retryable && response.Headers.RetryAfter.Count == 0)
        {
            response.Headers.RetryAfter = kind.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        // What answers an exception has taken the endpoint off the request.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var form = endpoint?.Metadata.GetMetadata<RefusalShape>();
        return JsonScratch.SendAsync(
            response,
            form?.ContentTypeOf(context.Request) ?? ContentType,
            (Problem: new Problem(context, kind, failure, language), Form: form),
            static (writer, answer) => Render(writer, answer.Problem, answer.Form),
            cancellationToken);
    }

    /// <summary>Writes a refusal as members of the object that is open in the writer: <c>code</c>, <c>retryable</c>,
    /// <c>title</c>, <c>detail</c>, its values and, where fields are at fault, <c>errors</c>.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, RequestFailure failure, Language language)
    {
        var kind = ErrorCatalog.Get(failure.Refusal.Code);
        writer.WriteString("code"u8, kind.Code);
        // A refund may come before its order: what is not found now may be found later.
        writer.WriteBoolean("retryable"u8, kind.Retryable || (kind.Status < StatusCodes.Status500InternalServerError && !kind.Definitive));
        writer.WriteString("title"u8, kind.Title(language));
        if (kind.Status != StatusCodes.Status500InternalServerError)
        {
            WriteExplanation(writer, kind, failure, language);
        }
    }

    /// <inheritdoc cref="WriteMembers(Utf8JsonWriter, RequestFailure, Language)"/>
    public static void WriteMembers(Utf8JsonWriter writer, Refusal refusal, Language language) =>
        WriteMembers(writer, new RequestFailure(refusal), language);

    /// <summary>The id under which logs and traces know a request.</summary>
    public static string TraceIdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static void Render(Utf8JsonWriter writer, in Problem problem, RefusalShape? form)
    {
        var (context, kind, failure, language) = problem;
        if (form is not null)
        {
            form.Write(writer, context, failure, language);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, kind.Type);
        writer.WriteString("title"u8, kind.Title(language));
        writer.WriteNumber("status"u8, kind.Status);
        writer.WriteString("code"u8, kind.Code);
        if (kind.Status == StatusCodes.Status500InternalServerError)
        {
            writer.WriteString("traceId"u8, TraceIdOf(context));
        }
        else
        {
            writer.WriteString("instance"u8, (context.Request.PathBase + context.Request.Path).ToUriComponent());
            WriteExplanation(writer, kind, failure, language);
        }

        writer.WriteEndObject();
    }

    private static void WriteExplanation(
        Utf8JsonWriter writer,
        ErrorKind kind,
        RequestFailure failure,
        Language language)
    {
        var (refusal, errors) = failure;
        writer.WriteString("detail"u8, kind.Detail(language, refusal.Values));
        foreach (var (name, value) in refusal.Values)
        {
            var member = kind.MemberOf(name);
            if (!s_reservedMembers.Contains(member))
            {
                writer.WritePropertyName(member);
                WriteValue(writer, value, language);
            }
        }

        if (errors.Count > 0)
        {
            WriteErrors(writer, errors, language);
        }
        else if (refusal.Pointer is { } pointer)
        {
            WriteErrors(writer, [new FieldError(refusal.Code, FieldOrigin.Body, pointer, refusal.Values)], language);
        }
    }

    private static void WriteErrors(Utf8JsonWriter writer, IReadOnlyList<FieldError> errors, Language language)
    {
        writer.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            writer.WriteStartObject();
            writer.WriteString("code"u8, error.Code);
            writer.WriteString("detail"u8, error.Detail(language));
            writer.WriteString(MemberOf(error.Origin), error.Location);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static ReadOnlySpan<byte> MemberOf(FieldOrigin origin) => origin switch
    {
        FieldOrigin.Body => "pointer"u8,
        FieldOrigin.Query => "parameter"u8,
        FieldOrigin.Header => "header"u8,
    };

    /// <summary>Numbers and booleans as themselves, lists as arrays, all else (ids and times too) as text.</summary>
    private static void WriteValue(Utf8JsonWriter writer, object? value, Language language)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case Wording wording:
                writer.WriteStringValue(wording.In(language));
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(writer, item, language);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private readonly record struct Problem(
        HttpContext Context,
        ErrorKind Kind,
        RequestFailure Failure,
        Language Language);
}
