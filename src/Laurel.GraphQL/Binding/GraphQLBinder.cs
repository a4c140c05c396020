using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Joins a schema with the C# that answers it. Everything is looked at when the service starts: <see cref="Build"/> answers an
/// executable schema, or one list of all that does not fit.</summary>
/// <remarks>A C# name means the field, argument or value of that name in camelCase or snake_case, whichever the schema has; attributes name
/// others. Types, lists and null must fit, null as nullable annotations say it; code without annotations is believed.</remarks>
public sealed class GraphQLBinder
{
    private readonly List<object> instances = [];
    private readonly List<(Type Type, string? Name)> models = [];
    private readonly List<(string Coordinate, object Bound)> fields = [];
    private readonly Dictionary<string, ScalarCoercion> scalars = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> scalarTypes = new(StringComparer.Ordinal);
    private Type? context;

    /// <summary>How the custom scalars that were added are read and written: what <see cref="SchemaBuilder"/> asks for.</summary>
    public IReadOnlyDictionary<string, ScalarCoercion> Scalars => scalars;

    /// <summary>Methods may have a parameter of this type, or of one it derives from, and get <see cref="FieldRequest.Context"/>.</summary>
    public GraphQLBinder UseContext<TContext>()
        where TContext : class
    {
        context = typeof(TContext);
        return this;
    }

    /// <summary>Makes the public methods of an object fields of the type that its class names with <see cref="GraphQLTypeAttribute"/>. Threads
    /// share it.</summary>
    public GraphQLBinder Add(object instance)
    {
        instances.Add(instance);
        return this;
    }

    /// <summary>Makes a C# type with <see cref="GraphQLTypeAttribute"/> the model of an object. What fields answer is found without; it takes
    /// this where only an interface or a union is answered.</summary>
    public GraphQLBinder AddModel<T>()
    {
        models.Add((typeof(T), null));
        return this;
    }

    /// <summary>Makes a C# type the model of an object without an attribute, such as a generic or a foreign one.</summary>
    public GraphQLBinder AddModel<T>(string typeName)
    {
        models.Add((typeof(T), typeName));
        return this;
    }

    /// <summary>Makes several C# types with <see cref="GraphQLTypeAttribute"/> models.</summary>
    public GraphQLBinder AddModels(params ReadOnlySpan<Type> types)
    {
        foreach (var type in types)
        {
            models.Add((type, null));
        }

        return this;
    }

    /// <summary>Says how a custom scalar is read and written, and what its values are in C#.</summary>
    public GraphQLBinder AddScalar(string name, ScalarCoercion coercion, Type valueType)
    {
        scalars[name] = coercion;
        scalarTypes[name] = valueType;
        return this;
    }

    /// <summary>Adds scalars that are ready.</summary>
    public GraphQLBinder AddScalars(params IEnumerable<CustomScalar> ready)
    {
        foreach (var scalar in ready)
        {
            AddScalar(scalar.Name, scalar.Coercion, scalar.ValueType);
        }

        return this;
    }

    /// <summary>Lets a delegate find the value of one field ("Member.level"), with parameters like those of a method that is
    /// <see cref="Add">added</see>.</summary>
    public GraphQLBinder AddField(string coordinate, Delegate method)
    {
        fields.Add((coordinate, method));
        return this;
    }

    /// <summary>Lets a resolver find the value of one field. Nobody looks at what it takes and answers.</summary>
    public GraphQLBinder AddField(string coordinate, Resolver resolver) => AddField(coordinate, FieldBinding.Resolving(resolver));

    /// <summary>Binds one field. Nobody looks at what it takes and answers.</summary>
    public GraphQLBinder AddField(string coordinate, FieldBinding binding)
    {
        fields.Add((coordinate, binding));
        return this;
    }

    /// <summary>An executable schema, or everything that does not fit, each with its place in the schema, its C# member and what to do.</summary>
    /// <param name="schema">Made with <see cref="Scalars"/>.</param>
    public BindingOutcome Build(Schema schema) => new SchemaBinding(schema, scalarTypes, context).Bind(scalars, models, instances, fields);
}
