namespace Laurel.GraphQL.Execution;

/// <summary>Reads a field from its object, with or without a box.</summary>
internal abstract class FieldReader
{
    /// <summary>The type of what it reads.</summary>
    public abstract Type Type { get; }

    public abstract object? Read(object source);

    /// <summary>For a field whose scalar answers values of <see cref="Type"/> as they are.</summary>
    public abstract ResponseValue ReadLeaf(object source);
}

internal sealed class FieldReader<T>(Func<object, T> read) : FieldReader
{
    public override Type Type => typeof(T);

    public override object? Read(object source) => read(source);

    public override ResponseValue ReadLeaf(object source) => ResponseValue.OfLeaf(read(source));
}
