namespace Laurel.GraphQL.Binding;

/// <summary>The type of the schema that a C# type stands for. On the model of an object, its public properties and its methods with
/// <see cref="GraphQLFieldAttribute"/> are the fields. On a class that is given to <see cref="GraphQLBinder.Add"/>, its public methods are: for
/// a root type with their arguments alone, for any other with the object as their first parameter. On the common base of several models, it
/// names an interface or a union.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = false)]
public sealed class GraphQLTypeAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Makes a method of a model a field, and names the field of a property, a method or a positional parameter of an input, where
/// the C# name in camelCase or snake_case is not its name.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class GraphQLFieldAttribute : Attribute
{
    public GraphQLFieldAttribute()
    {
    }

    public GraphQLFieldAttribute(string name) => Name = name;

    /// <summary><c>null</c> for the member's own name.</summary>
    public string? Name { get; }
}

/// <summary>The argument that a parameter takes, where its name in camelCase or snake_case is another.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class GraphQLArgumentAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The input object that a C# type holds. It may be left out: the arguments that are of the type say so too.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class GraphQLInputAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The enum that a C# enum stands for. It may be left out: the fields and arguments that are of the type say so too.</summary>
[AttributeUsage(AttributeTargets.Enum)]
public sealed class GraphQLEnumAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>How the schema spells a value of an enum, where it is neither the C# name nor that in SCREAMING_CASE, snake_case or
/// camelCase.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class GraphQLEnumValueAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>A public member that the schema does not know, and shall not.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Method | AttributeTargets.Field)]
public sealed class GraphQLIgnoreAttribute : Attribute;
