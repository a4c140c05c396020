using System.Reflection;

namespace Laurel.GraphQL.Binding;

/// <summary>The public members that mean something to a schema.</summary>
internal static class ClrMembers
{
    /// <summary>Those that can be read, but for indexers, and one for each name where a class hides that of its base.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) => WithInterfaces(type)
        .SelectMany(static at => at.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        .Where(static property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
        .GroupBy(static property => property.Name, StringComparer.Ordinal)
        .Select(static hidden => hidden.Aggregate(static (one, other) => one.DeclaringType!.IsAssignableFrom(other.DeclaringType) ? other : one))
        .Where(static property => !property.IsDefined(typeof(GraphQLIgnoreAttribute)));

    /// <summary>The methods of a model that are fields.</summary>
    public static IEnumerable<MethodInfo> FieldMethodsOf(Type type) => WithInterfaces(type)
        .SelectMany(static at => at.GetMethods(BindingFlags.Public | BindingFlags.Instance))
        .Where(static method => method.IsDefined(typeof(GraphQLFieldAttribute)));

    /// <summary>The methods of a class that holds nothing but fields.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(Type type) => type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(static method => !method.IsSpecialName && method.GetBaseDefinition().DeclaringType != typeof(object)
            && !method.IsDefined(typeof(GraphQLIgnoreAttribute))
            && method is not { Name: nameof(IDisposable.Dispose) or nameof(IAsyncDisposable.DisposeAsync) });

    /// <summary>The name of the field: that of the attribute, or the method's without the ending of asynchronous methods.</summary>
    public static string NameOf(MethodInfo method)
    {
        const string Ending = "Async";
        return method.Name.EndsWith(Ending, StringComparison.Ordinal) && method.Name.Length > Ending.Length
            ? method.Name[..^Ending.Length]
            : method.Name;
    }

    private static IEnumerable<Type> WithInterfaces(Type type) => type.IsInterface ? type.GetInterfaces().Prepend(type) : [type];
}
