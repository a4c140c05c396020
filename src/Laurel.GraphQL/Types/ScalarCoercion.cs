using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>What became of a value that was to be of some type.</summary>
/// <param name="IsValid">Whether it is of the type.</param>
/// <param name="Value">The value as resolvers see it, when it is valid; may be <c>null</c>.</param>
/// <param name="Refusal">Why it is not of the type; <c>null</c> when there is nothing to say but which type was expected.</param>
public readonly record struct Coerced(bool IsValid, object? Value, string? Refusal)
{
    /// <summary>Not of the type, and the type says it all.</summary>
    public static Coerced Mismatch { get; }

    public static Coerced Of(object? value) => new(true, value, null);

    public static Coerced Refused(string refusal) => new(false, null, refusal);
}

/// <summary>How the values of a scalar are read from a document, read from the variables of a request, and answered.</summary>
/// <remarks>Section 3.5, Scalars: "Result Coercion" and "Input Coercion". Each of the three must accept what the others hand out.</remarks>
public abstract class ScalarCoercion
{
    /// <summary>Reads a literal that is neither null nor a variable; lists and objects may hold both.</summary>
    public abstract Coerced FromLiteral(ValueNode literal);

    /// <summary>Reads a value of the variables that is not null.</summary>
    public abstract Coerced FromJson(JsonElement json);

    /// <summary>What stands in the answer for a resolver's value: a <see cref="string"/>, <see cref="bool"/>, <see cref="int"/>,
    /// <see cref="long"/>, <see cref="double"/>, <see cref="decimal"/> or <see cref="JsonElement"/>.</summary>
    public abstract Coerced ToAnswer(object value);

    /// <summary>Whether <see cref="ToAnswer"/> hands out every value of a .NET type as it is (of <see cref="double"/> every finite one), so
    /// that the executor need not ask it.</summary>
    /// <param name="type"><see cref="string"/>, <see cref="bool"/>, <see cref="int"/>, <see cref="long"/>, <see cref="double"/> or another that
    /// fields are read as; never a <see cref="Nullable{T}"/>.</param>
    public virtual bool AnswersAsIs(Type type) => false;
}
