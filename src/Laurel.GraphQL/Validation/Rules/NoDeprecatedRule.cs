using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>An additional rule, for those who want to know: nothing deprecated (section 3.13.3) is used.</summary>
internal sealed class NoDeprecatedRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "NoDeprecatedCustom",
            Entered: [NodeKind.Field, NodeKind.Argument, NodeKind.ObjectField, NodeKind.EnumValue],
            Left: [],
            static context => new NoDeprecatedRule(context));

    public override bool Enter(Node node)
    {
        var at = Context.At;
        switch (node)
        {
            case FieldNode when at is { Field: { DeprecationReason: { } reason } field, Selected: { } selected }:
                Context.Report($"The field {selected}.{field.Name} is deprecated. {reason}", node);
                break;
            case ArgumentNode when at is { Argument: { DeprecationReason: { } reason } argument, Directive: { } directive }:
                Context.Report($"Directive \"@{directive.Name}\" argument \"{argument.Name}\" is deprecated. {reason}", node);
                break;
            case ArgumentNode when at is { Argument: { DeprecationReason: { } reason } argument, Field: { } field, Selected: { } selected }:
                Context.Report($"Field \"{selected}.{field.Name}\" argument \"{argument.Name}\" is deprecated. {reason}", node);
                break;
            case ObjectFieldNode { Name.Value: var name } when at.InputParent?.Named is InputObjectType input
                && input.Fields.Find(name)?.DeprecationReason is { } reason:
                Context.Report($"The input field {input}.{name} is deprecated. {reason}", node);
                break;
            case EnumValueNode { Value: var name } when at is { EnumValue.DeprecationReason: { } reason, Input: { } type }:
                Context.Report($"The enum value \"{type.Named}.{name}\" is deprecated. {reason}", node);
                break;
        }

        return true;
    }
}
