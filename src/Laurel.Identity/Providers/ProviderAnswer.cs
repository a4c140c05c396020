using System.Diagnostics.CodeAnalysis;
using Laurel.Kernel;

namespace Laurel.Identity.Providers;

/// <summary>What a provider told, or why it did not: one of both.</summary>
public readonly struct ProviderAnswer<T>
    where T : class
{
    private ProviderAnswer(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Value is not null;

    public static implicit operator ProviderAnswer<T>(T value) => new(value, null);

    public static implicit operator ProviderAnswer<T>(Refusal refusal) => new(null, refusal);
}
