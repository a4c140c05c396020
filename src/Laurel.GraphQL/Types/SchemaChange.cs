namespace Laurel.GraphQL.Types;

/// <summary>One difference between two schemas that a client may feel.</summary>
/// <param name="Description">For people, in English; the words are those of graphql-js where it knows the kind.</param>
public sealed record SchemaChange(SchemaChangeKind Kind, string Description)
{
    /// <summary>Whether operations that were valid may be refused or answered otherwise; the other changes are dangerous: they only may
    /// surprise whoever reads the answer.</summary>
    public bool IsBreaking => Kind is not (SchemaChangeKind.ValueAddedToEnum or SchemaChangeKind.TypeAddedToUnion
        or SchemaChangeKind.OptionalInputFieldAdded or SchemaChangeKind.OptionalArgAdded or SchemaChangeKind.ImplementedInterfaceAdded
        or SchemaChangeKind.ArgDefaultValueChange or SchemaChangeKind.InputFieldDefaultValueChange);
}

/// <summary>What kind of change it is. Up to <see cref="ArgDefaultValueChange"/> they are those of graphql-js; it does not look at the
/// others.</summary>
public enum SchemaChangeKind
{
    TypeRemoved,
    TypeChangedKind,
    TypeRemovedFromUnion,
    ValueRemovedFromEnum,
    RequiredInputFieldAdded,
    ImplementedInterfaceRemoved,
    FieldRemoved,
    FieldChangedKind,
    RequiredArgAdded,
    ArgRemoved,
    ArgChangedKind,
    DirectiveRemoved,
    DirectiveArgRemoved,
    RequiredDirectiveArgAdded,
    DirectiveRepeatableRemoved,
    DirectiveLocationRemoved,
    ValueAddedToEnum,
    TypeAddedToUnion,
    OptionalInputFieldAdded,
    OptionalArgAdded,
    ImplementedInterfaceAdded,
    ArgDefaultValueChange,

    /// <summary>Operations of a kind begin at another type, or nowhere.</summary>
    RootTypeChanged,

    /// <summary>An input object of which several fields could be given takes exactly one.</summary>
    InputBecameOneOf,

    /// <summary>An argument or an input field that could be left out cannot any more: its default is gone and it must not be null.</summary>
    DefaultOfRequiredRemoved,

    InputFieldDefaultValueChange,
}
