using System.Collections.Immutable;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Which C# types a scalar may be.</summary>
internal sealed class ScalarTypes(IReadOnlyDictionary<string, Type> custom)
{
    /// <summary>Whether it was added to the binder. What was not is told once, and not wherever it is used.</summary>
    public bool Knows(ScalarType scalar) => BuiltInScalars.All.Contains(scalar) || custom.ContainsKey(scalar.Name);

    /// <summary>The types whose values a scalar can answer, the usual one first. What an Int answers as a long is looked at when it is answered:
    /// beyond 32 bits the field fails.</summary>
    public ImmutableArray<Type> Answered(ScalarType scalar) => scalar.Name switch
    {
        "Int" => [typeof(int), typeof(short), typeof(byte), typeof(long)],
        "Float" => [typeof(double), typeof(float), typeof(decimal), typeof(int), typeof(long)],
        "String" => [typeof(string)],
        "Boolean" => [typeof(bool)],
        "ID" => [typeof(string), typeof(int), typeof(long), typeof(Guid)],
        var name => [custom[name]],
    };

    /// <summary>The types that can hold what a scalar is given, the usual one first, and how each is made of it; <c>null</c> where it is that
    /// already.</summary>
    public ImmutableArray<(Type Type, Func<object?, object?>? Read)> Given(ScalarType scalar) => scalar.Name switch
    {
        "Int" => [(typeof(int), null), (typeof(long), static value => (long)(int)value!)],
        "Float" => [(typeof(double), null)],
        "String" or "ID" => [(typeof(string), null)],
        "Boolean" => [(typeof(bool), null)],
        var name => [(custom[name], null)],
    };
}
