using System.Diagnostics.CodeAnalysis;

namespace Laurel.GraphQL.Binding;

/// <summary>An argument or a field of an input object that tells absence from null: a change of a member's name may leave it, set it, or
/// take it away.</summary>
/// <remarks>Section 3.10, Input Objects: a field that is left out has no entry, and one that is null has. The default value of this type is
/// one that was not given.</remarks>
public readonly record struct Given<T>
{
    private readonly T value;

    public Given(T value) => (this.value, IsGiven) = (value, true);

    public bool IsGiven { get; }

    /// <summary>What was given.</summary>
    /// <exception cref="InvalidOperationException">Nothing was.</exception>
    public T Value => IsGiven ? value : throw new InvalidOperationException("It was not given.");

    public static implicit operator Given<T>(T value) => new(value);

    /// <summary>What was given, or <paramref name="otherwise"/>.</summary>
    public T Or(T otherwise) => IsGiven ? value : otherwise;

    public bool TryGet([MaybeNullWhen(false)] out T given)
    {
        given = value;
        return IsGiven;
    }

    public override string ToString() => IsGiven ? $"{value}" : "(not given)";
}
