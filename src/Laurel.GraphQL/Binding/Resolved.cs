using Laurel.GraphQL.Execution;

namespace Laurel.GraphQL.Binding;

/// <summary>What a method answers that may refuse: a value, or a refusal in its place.</summary>
/// <remarks>Both convert by themselves; C# does not convert what is known as an interface, and cannot tell which of both a bare null is: for these there
/// is <see cref="Resolved.Of"/>.</remarks>
public readonly record struct Resolved<T>
{
    internal Resolved(T? value, FieldRefusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>Means something only without a refusal.</summary>
    public T? Value { get; }

    /// <summary><c>null</c> when there is a value.</summary>
    public FieldRefusal? Refusal { get; }

    public static implicit operator Resolved<T>(T value) => new(value, null);

    public static implicit operator Resolved<T>(FieldRefusal refusal) => new(default, refusal);
}

/// <summary>Makes a <see cref="Resolved{T}"/> where C# does not convert by itself.</summary>
public static class Resolved
{
    public static Resolved<T> Of<T>(T value) => new(value, null);
}
