using Laurel.Kernel;

namespace Laurel.Platform.Errors;

/// <summary>Which part of a request a field stands in, and so which member of an <c>errors[]</c> entry names
/// it.</summary>
public enum FieldOrigin
{
    /// <summary>The JSON body; named by <c>pointer</c>, a JSON pointer (RFC 6901).</summary>
    Body,

    /// <summary>The query string; named by <c>parameter</c>.</summary>
    Query,

    /// <summary>A header; named by <c>header</c>.</summary>
    Header,
}

/// <summary>One fault of one field of a request.</summary>
/// <param name="Code">A code of <see cref="FieldErrorCatalog"/>, or of <see cref="ErrorCatalog"/> where a rule is at
/// fault.</param>
/// <param name="Origin">The part of the request.</param>
/// <param name="Location">A JSON pointer (empty for the whole body), or the name of a parameter or header.</param>
/// <param name="Values">What the text of the code names.</param>
public sealed record FieldError(
    string Code,
    FieldOrigin Origin,
    string Location,
    IReadOnlyDictionary<string, object?> Values)
{
    public FieldError(string code, FieldOrigin origin, string location, params (string Name, object? Value)[] values)
        : this(code, origin, location, values.ToDictionary(v => v.Name, v => v.Value))
    {
    }

    /// <summary>The text of the code in a language, with its values filled in.</summary>
    /// <exception cref="InvariantBrokenException">When neither catalogue knows the code.</exception>
    public string Detail(Language language) => FieldErrorCatalog.Find(Code) is { } field
        ? field.Detail(language, Values)
        : ErrorCatalog.Get(Code).Detail(language, Values);
}

/// <summary>Why a request was not understood: the refusal of the whole call and, where fields are at fault, each of
/// them.</summary>
public sealed record RequestFailure(Refusal Refusal, IReadOnlyList<FieldError> Errors)
{
    public RequestFailure(Refusal refusal)
        : this(refusal, [])
    {
    }

    /// <summary>The failure of a request whose fields are at fault; at least one.</summary>
    public static RequestFailure Of(IReadOnlyList<FieldError> errors)
    {
        Invariant.Require(errors.Count > 0, "A failed validation names at least one field.");
        return new RequestFailure(new Refusal(ErrorCode.ValidationFailed, ("count", errors.Count)), errors);
    }
}
