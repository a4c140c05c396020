using Laurel.GraphQL.Validation.Rules;

namespace Laurel.GraphQL.Validation;

/// <summary>The rules of the specification, in the order in which their errors are worth reading, and some more.</summary>
public static class RuleSets
{
    /// <summary>Section 5, Validation: every rule for executable documents. Each rule's file names its section.</summary>
    public static RuleSet Executable { get; } = new(
        ExecutableDefinitionsRule.Definition,
        KnownOperationTypesRule.Definition,
        UniqueOperationNamesRule.Definition,
        LoneAnonymousOperationRule.Definition,
        SingleFieldSubscriptionsRule.Definition,
        KnownTypeNamesRule.Definition,
        FragmentsOnCompositeTypesRule.Definition,
        VariablesAreInputTypesRule.Definition,
        ScalarLeafsRule.Definition,
        FieldsOnCorrectTypeRule.Definition,
        UniqueFragmentNamesRule.Definition,
        KnownFragmentNamesRule.Definition,
        NoUnusedFragmentsRule.Definition,
        PossibleFragmentSpreadsRule.Definition,
        NoFragmentCyclesRule.Definition,
        UniqueVariableNamesRule.Definition,
        NoUndefinedVariablesRule.Definition,
        NoUnusedVariablesRule.Definition,
        KnownDirectivesRule.Definition,
        UniqueDirectivesPerLocationRule.Definition,
        KnownArgumentNamesRule.Definition,
        UniqueArgumentNamesRule.Definition,
        ValuesOfCorrectTypeRule.Definition,
        ProvidedRequiredArgumentsRule.Definition,
        VariablesInAllowedPositionRule.Definition,
        OverlappingFieldsCanBeMergedRule.Definition,
        UniqueInputFieldNamesRule.Definition,
        MaxIntrospectionDepthRule.Definition);

    /// <summary>What section 3, Type System, asks of the documents of a schema before types can be made of them.</summary>
    public static RuleSet SchemaDocument { get; } = new(
        LoneSchemaDefinitionRule.Definition,
        UniqueOperationTypesRule.Definition,
        UniqueTypeNamesRule.Definition,
        UniqueEnumValueNamesRule.Definition,
        UniqueFieldDefinitionNamesRule.Definition,
        UniqueArgumentDefinitionNamesRule.Definition,
        UniqueDirectiveNamesRule.Definition,
        KnownTypeNamesRule.Definition,
        KnownDirectivesRule.Definition,
        UniqueDirectivesPerLocationRule.Definition,
        PossibleTypeExtensionsRule.Definition,
        KnownArgumentNamesOnDirectivesRule.Definition,
        UniqueArgumentNamesRule.Definition,
        UniqueInputFieldNamesRule.Definition,
        ProvidedRequiredArgumentsOnDirectivesRule.Definition);

    /// <summary>Rules that a service may add.</summary>
    public static RuleSet Additional { get; } = new(NoDeprecatedRule.Definition, NoSchemaIntrospectionRule.Definition);
}
