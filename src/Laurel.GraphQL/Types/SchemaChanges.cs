using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Finds what a new version of a schema does to clients of the old one.</summary>
/// <remarks>The kinds and words of graphql-js (findBreakingChanges, findDangerousChanges), and a few it does not look at, which
/// <see cref="SchemaChangeKind"/> names.</remarks>
public sealed class SchemaChanges
{
    private readonly ImmutableArray<SchemaChange>.Builder changes = ImmutableArray.CreateBuilder<SchemaChange>();

    private SchemaChanges()
    {
    }

    /// <summary>Breaking and dangerous changes, by type in the order of the old schema; empty when no client can tell.</summary>
    public static ImmutableArray<SchemaChange> Between(Schema before, Schema after)
    {
        var found = new SchemaChanges();
        found.CompareRoots(before, after);
        found.CompareTypes(before, after);
        foreach (var directive in found.Persisting(
            before.Directives, after.Directives, SchemaChangeKind.DirectiveRemoved, static removed => $"{removed.Name} was removed."))
        {
            found.CompareDirective(directive.Before, directive.After);
        }

        return found.changes.DrainToImmutable();
    }

    private void CompareRoots(Schema before, Schema after)
    {
        foreach (var operation in Enum.GetValues<OperationType>())
        {
            if (before.RootOf(operation) is { } old && after.RootOf(operation)?.Name != old.Name)
            {
                var now = after.RootOf(operation) is { } root ? $"are rooted at {root}" : "do not exist";
                Add(SchemaChangeKind.RootTypeChanged, $"Operations of kind {operation.ToString().ToLowerInvariant()} were rooted at {old} and {now}.");
            }
        }
    }

    private void CompareTypes(Schema before, Schema after)
    {
        foreach (var (old, now) in Persisting(before.Types, after.Types, SchemaChangeKind.TypeRemoved, DescribeRemoved))
        {
            switch (old, now)
            {
                case (EnumType oldEnum, EnumType newEnum):
                    CompareEnum(oldEnum, newEnum);
                    break;
                case (UnionType oldUnion, UnionType newUnion):
                    CompareUnion(oldUnion, newUnion);
                    break;
                case (InputObjectType oldInput, InputObjectType newInput):
                    CompareInput(oldInput, newInput);
                    break;
                case (ObjectType oldObject, ObjectType newObject):
                    CompareFielded(oldObject, newObject);
                    break;
                case (InterfaceType oldInterface, InterfaceType newInterface):
                    CompareFielded(oldInterface, newInterface);
                    break;
                case var _ when old.GetType() != now.GetType():
                    Add(SchemaChangeKind.TypeChangedKind, $"{old.Name} changed from {KindOf(old)} to {KindOf(now)}.");
                    break;
            }
        }
    }

    private static string DescribeRemoved(NamedType type) => type is ScalarType scalar && BuiltInScalars.All.Contains(scalar)
        ? $"Standard scalar {type.Name} was removed because it is not referenced anymore."
        : $"{type.Name} was removed.";

    private void CompareEnum(EnumType old, EnumType now)
    {
        foreach (var value in Added(old.Values, now.Values))
        {
            Add(SchemaChangeKind.ValueAddedToEnum, $"{value.Name} was added to enum type {old.Name}.");
        }

        foreach (var value in Added(now.Values, old.Values))
        {
            Add(SchemaChangeKind.ValueRemovedFromEnum, $"{value.Name} was removed from enum type {old.Name}.");
        }
    }

    private void CompareUnion(UnionType old, UnionType now)
    {
        foreach (var name in Names(now.Members).Except(Names(old.Members), StringComparer.Ordinal))
        {
            Add(SchemaChangeKind.TypeAddedToUnion, $"{name} was added to union type {old.Name}.");
        }

        foreach (var name in Names(old.Members).Except(Names(now.Members), StringComparer.Ordinal))
        {
            Add(SchemaChangeKind.TypeRemovedFromUnion, $"{name} was removed from union type {old.Name}.");
        }
    }

    private void CompareInput(InputObjectType old, InputObjectType now)
    {
        if (now.IsOneOf && !old.IsOneOf)
        {
            Add(SchemaChangeKind.InputBecameOneOf, $"{old.Name} takes exactly one field now.");
        }

        foreach (var field in Added(old.Fields, now.Fields))
        {
            Add(
                field.IsRequired ? SchemaChangeKind.RequiredInputFieldAdded : SchemaChangeKind.OptionalInputFieldAdded,
                $"{(field.IsRequired ? "A required" : "An optional")} field {field.Name} on input type {old.Name} was added.");
        }

        foreach (var (before, after) in Persisting(
            old.Fields, now.Fields, SchemaChangeKind.FieldRemoved, removed => $"{old.Name}.{removed.Name} was removed."))
        {
            var place = $"{old.Name}.{before.Name}";
            if (!IsSafeForInput(before.Type, after.Type))
            {
                Add(SchemaChangeKind.FieldChangedKind, $"{place} changed type from {before.Type} to {after.Type}.");
            }
            else
            {
                CompareDefaults(before, after, place, SchemaChangeKind.InputFieldDefaultValueChange);
            }
        }
    }

    private void CompareFielded(FieldedType old, FieldedType now)
    {
        foreach (var (before, after) in Persisting(
            old.Fields, now.Fields, SchemaChangeKind.FieldRemoved, removed => $"{old.Name}.{removed.Name} was removed."))
        {
            CompareArguments($"{old.Name}.{before.Name}", before.Arguments, after.Arguments);
            if (!IsSafeForOutput(before.Type, after.Type))
            {
                Add(SchemaChangeKind.FieldChangedKind, $"{old.Name}.{before.Name} changed type from {before.Type} to {after.Type}.");
            }
        }

        foreach (var name in Names(now.Interfaces).Except(Names(old.Interfaces), StringComparer.Ordinal))
        {
            Add(SchemaChangeKind.ImplementedInterfaceAdded, $"{name} added to interfaces implemented by {old.Name}.");
        }

        foreach (var name in Names(old.Interfaces).Except(Names(now.Interfaces), StringComparer.Ordinal))
        {
            Add(SchemaChangeKind.ImplementedInterfaceRemoved, $"{old.Name} no longer implements interface {name}.");
        }
    }

    private void CompareArguments(string field, NamedList<SchemaInput> old, NamedList<SchemaInput> now)
    {
        foreach (var (before, after) in Persisting(
            old, now, SchemaChangeKind.ArgRemoved, removed => $"{field} arg {removed.Name} was removed."))
        {
            var place = $"{field} arg {before.Name}";
            if (!IsSafeForInput(before.Type, after.Type))
            {
                Add(SchemaChangeKind.ArgChangedKind, $"{place} has changed type from {before.Type} to {after.Type}.");
            }
            else
            {
                CompareDefaults(before, after, place, SchemaChangeKind.ArgDefaultValueChange);
            }
        }

        foreach (var argument in Added(old, now))
        {
            Add(
                argument.IsRequired ? SchemaChangeKind.RequiredArgAdded : SchemaChangeKind.OptionalArgAdded,
                $"{(argument.IsRequired ? "A required" : "An optional")} arg {argument.Name} on {field} was added.");
        }
    }

    private void CompareDefaults(SchemaInput before, SchemaInput after, string place, SchemaChangeKind kind)
    {
        switch (DefaultText.Of(before), DefaultText.Of(after))
        {
            case (null, _):
                break;
            case (_, null):
                Add(kind, $"{place} defaultValue was removed.");
                if (after.IsRequired)
                {
                    Add(SchemaChangeKind.DefaultOfRequiredRemoved, $"{place} can no longer be left out.");
                }

                break;
            case var (old, now) when old != now:
                Add(kind, $"{place} has changed defaultValue from {old} to {now}.");
                break;
        }
    }

    private void CompareDirective(SchemaDirective old, SchemaDirective now)
    {
        foreach (var argument in Added(old.Arguments, now.Arguments).Where(static argument => argument.IsRequired))
        {
            Add(SchemaChangeKind.RequiredDirectiveArgAdded, $"A required arg {argument.Name} on directive {old.Name} was added.");
        }

        foreach (var argument in Added(now.Arguments, old.Arguments))
        {
            Add(SchemaChangeKind.DirectiveArgRemoved, $"{argument.Name} was removed from {old.Name}.");
        }

        if (old.IsRepeatable && !now.IsRepeatable)
        {
            Add(SchemaChangeKind.DirectiveRepeatableRemoved, $"Repeatable flag was removed from {old.Name}.");
        }

        foreach (var location in old.Locations.Except(now.Locations, StringComparer.Ordinal))
        {
            Add(SchemaChangeKind.DirectiveLocationRemoved, $"{location} was removed from {old.Name}.");
        }
    }

    /// <summary>Whether whoever reads a value of the old type can read one of the new type.</summary>
    private static bool IsSafeForOutput(SchemaType old, SchemaType now) => (old, now) switch
    {
        (ListType before, ListType after) => IsSafeForOutput(before.Item, after.Item),
        (NonNullType before, NonNullType after) => IsSafeForOutput(before.Inner, after.Inner),
        (NonNullType, _) => false,
        (_, NonNullType after) => IsSafeForOutput(old, after.Inner),
        (NamedType before, NamedType after) => before.Name == after.Name,
        _ => false,
    };

    /// <summary>Whether whoever gives a value of the old type may go on.</summary>
    private static bool IsSafeForInput(SchemaType old, SchemaType now) => (old, now) switch
    {
        (ListType before, ListType after) => IsSafeForInput(before.Item, after.Item),
        (NonNullType before, NonNullType after) => IsSafeForInput(before.Inner, after.Inner),
        (NonNullType before, _) => IsSafeForInput(before.Inner, now),
        (NamedType before, NamedType after) => before.Name == after.Name,
        _ => false,
    };

    private static string KindOf(NamedType type) => type switch
    {
        ScalarType => "a Scalar type",
        ObjectType => "an Object type",
        InterfaceType => "an Interface type",
        UnionType => "a Union type",
        EnumType => "an Enum type",
        InputObjectType => "an Input type",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type."),
    };

    private static IEnumerable<string> Names(IEnumerable<NamedType> types) => types.Select(static type => type.Name);

    /// <summary>The things of the later list that the earlier one does not have.</summary>
    private static IEnumerable<T> Added<T>(NamedList<T> earlier, NamedList<T> later)
        where T : class =>
        later.Names.Where(name => earlier.Find(name) is null).Select(name => later.Find(name)!);

    /// <summary>The things that both have, after it has told those that are gone.</summary>
    private List<(T Before, T After)> Persisting<T>(NamedList<T> old, NamedList<T> now, SchemaChangeKind removal, Func<T, string> describe)
        where T : class
    {
        var both = new List<(T Before, T After)>();
        foreach (var name in old.Names)
        {
            if (now.Find(name) is { } after)
            {
                both.Add((old.Find(name)!, after));
            }
            else
            {
                Add(removal, describe(old.Find(name)!));
            }
        }

        return both;
    }

    private void Add(SchemaChangeKind kind, string description) => changes.Add(new(kind, description));
}
