using System.Reflection;

namespace Laurel.GraphQL.Binding;

/// <summary>A C# type at one place, with what its annotations say about null there and inside it.</summary>
internal sealed class ClrShape
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly NullabilityInfo? info;
    private readonly Type? definition;

    /// <param name="fullType">As it is written, <see cref="Nullable{T}"/> included.</param>
    /// <param name="definition">The same place of the generic type it was made of; <c>null</c> when there is none.</param>
    private ClrShape(Type fullType, NullabilityInfo? info, Type? definition)
    {
        (FullType, this.info, this.definition) = (fullType, info, definition);
        Type = Nullable.GetUnderlyingType(fullType) ?? fullType;
        Null = (fullType.IsValueType, definition?.IsGenericParameter) switch
        {
            (true, _) => fullType == Type ? NullabilityState.NotNull : NullabilityState.Nullable,
            // Of a Page<T> with a T Item nobody can tell whether null was meant: as a T it may be, as a Page<Member> it was not.
            (_, true) when info?.ReadState is NullabilityState.Nullable => NullabilityState.Unknown,
            _ => info?.ReadState ?? NullabilityState.Unknown,
        };
    }

    public static ClrShape Of(Type type) => new(type, null, null);

    public static ClrShape Of(PropertyInfo property, NullabilityInfoContext nullability) =>
        new(property.PropertyType, nullability.Create(property), (DefinitionOf(property) as PropertyInfo)?.PropertyType);

    /// <param name="parameter">Of a method or a constructor; also what a method answers.</param>
    public static ClrShape Of(ParameterInfo parameter, NullabilityInfoContext nullability)
    {
        var defined = DefinitionOf(parameter.Member) as MethodBase;
        var position = parameter.Position;
        return new(
            parameter.ParameterType,
            nullability.Create(parameter),
            position < 0 ? (defined as MethodInfo)?.ReturnType : defined?.GetParameters()[position].ParameterType);
    }

    /// <summary>As it is written, <see cref="Nullable{T}"/> included.</summary>
    public Type FullType { get; }

    /// <summary>Without <see cref="Nullable{T}"/>.</summary>
    public Type Type { get; }

    /// <summary>Whether null may stand here. Unknown in code without annotations, which therefore fits everywhere.</summary>
    public NullabilityState Null { get; }

    /// <summary>What a sequence is of; <c>null</c> when it is not one of one kind of thing.</summary>
    public ClrShape? Item
    {
        get
        {
            if (Type == typeof(string))
            {
                return null;
            }

            if (Type.IsArray)
            {
                return new(Type.GetElementType()!, info?.ElementType, definition?.GetElementType());
            }

            return SequenceOf(typeof(IEnumerable<>));
        }
    }

    /// <summary>What an asynchronous sequence is of; <c>null</c> for anything else.</summary>
    public ClrShape? Event => SequenceOf(typeof(IAsyncEnumerable<>));

    /// <summary>The argument of one of the given generic types; <c>null</c> when it is none of them.</summary>
    public ClrShape? ArgumentOf(params ReadOnlySpan<Type> definitions) =>
        Type.IsGenericType && definitions.Contains(Type.GetGenericTypeDefinition()) ? Argument() : null;

    public override string ToString() => ClrNames.Of(FullType) + (!FullType.IsValueType && Null is NullabilityState.Nullable ? "?" : "");

    private ClrShape Argument() => new(
        Type.GetGenericArguments()[0],
        info?.GenericTypeArguments is { Length: > 0 } arguments ? arguments[0] : null,
        definition is { IsGenericType: true } ? (Nullable.GetUnderlyingType(definition) ?? definition).GetGenericArguments()[0] : null);

    private ClrShape? SequenceOf(Type definition)
    {
        if (ArgumentOf(definition) is { } argument)
        {
            return argument;
        }

        var items = Type.GetInterfaces().Where(implemented => implemented.IsGenericType && implemented.GetGenericTypeDefinition() == definition)
            .Select(static implemented => implemented.GetGenericArguments()[0])
            .ToList();
        if (items.Count != 1)
        {
            return null;
        }

        // Of IReadOnlyList<T> and its like the annotations of T are known; a class that is a sequence without saying of what has none.
        return Type.IsGenericType && Type.GetGenericArguments() is [var only] && only == items[0] ? Argument() : Of(items[0]);
    }

    private static MemberInfo? DefinitionOf(MemberInfo member) => member.DeclaringType is { IsConstructedGenericType: true } made
        ? made.GetGenericTypeDefinition().GetMembers(Everything).First(member.HasSameMetadataDefinitionAs)
        : null;
}
