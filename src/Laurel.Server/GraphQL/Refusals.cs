using System.Buffers;
using System.Text.Json;
using Laurel.GraphQL;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Serving;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.GraphQL;

/// <summary>Refusals of Laurel in the words of GraphQL: <c>extensions</c> holds what a problem document of REST holds, its code first.</summary>
internal static class Refusals
{
    private const string Code = "code";

    /// <summary>The error of a whole request.</summary>
    public static GraphQLError ErrorOf(RequestFailure failure, Language language)
    {
        var kind = ErrorCatalog.Get(failure.Refusal.Code);
        var message = kind.Status == StatusCodes.Status500InternalServerError ? kind.Title(language) : kind.Detail(language, failure.Refusal.Values);
        return new GraphQLError(message, []) { Extensions = ExtensionsOf(failure, language) };
    }

    /// <summary>What a resolver answers in place of a value.</summary>
    public static FieldRefusal FieldOf(RequestFailure failure, Language language)
    {
        var error = ErrorOf(failure, language);
        return new FieldRefusal(error.Message, error.Extensions);
    }

    /// <summary>The answer to a request that was not executed, each error with a code.</summary>
    public static ExecutionResult ResultOf(Preparation preparation)
    {
        var code = CodeOf(preparation.Fault);
        return ExecutionResult.Refused([.. preparation.Errors.Select(error => Coded(error, code))]);
    }

    /// <summary>An error of the service about a limit, with its code.</summary>
    public static GraphQLError Limited(GraphQLError error) => Coded(error, ErrorCode.DocumentTooLarge);

    /// <summary>Writes an answer to a refused request.</summary>
    public static void Write(Utf8JsonWriter writer, HttpContext context, RequestFailure failure, Language language)
    {
        var error = ErrorOf(failure, language);
        if (failure.Refusal.Code == ErrorCode.Internal)
        {
            error = error with { Extensions = new Dictionary<string, object?>(error.Extensions!) { ["traceId"] = ProblemResponse.TraceIdOf(context) } };
        }

        ExecutionResult.Refused([error]).WriteTo(writer);
    }

    private static GraphQLError Coded(GraphQLError error, string code) => error.Extensions switch
    {
        null => error with { Extensions = new Dictionary<string, object?> { [Code] = code } },
        { } known when !known.ContainsKey(Code) => error with { Extensions = new Dictionary<string, object?>(known) { [Code] = code } },
        _ => error,
    };

    private static string CodeOf(PreparationFault fault) => fault switch
    {
        PreparationFault.NoDocument => ErrorCode.ValidationFailed,
        PreparationFault.Syntax => ErrorCode.DocumentUnreadable,
        PreparationFault.Validation or PreparationFault.UnknownOperation or PreparationFault.PersistedMismatch => ErrorCode.DocumentInvalid,
        PreparationFault.Variables => ErrorCode.VariablesInvalid,
        PreparationFault.Limit => ErrorCode.DocumentTooLarge,
        PreparationFault.PersistedNotFound => ErrorCode.PersistedQueryNotFound,
        PreparationFault.PersistedNotSupported or PreparationFault.NotPersisted => ErrorCode.PersistedQueryNotSupported,
        PreparationFault.None => throw new InvariantBrokenException("What was prepared has no fault."),
    };

    private static Dictionary<string, object?> ExtensionsOf(RequestFailure failure, Language language)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            ProblemResponse.WriteMembers(writer, failure, language);
            writer.WriteEndObject();
        }

        using var members = JsonDocument.Parse(buffer.WrittenMemory);
        return members.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value.Clone());
    }
}
