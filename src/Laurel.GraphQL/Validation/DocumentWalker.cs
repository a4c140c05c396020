using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation;

/// <summary>Walks over a document once, finds out what the schema says of each place, and tells the rules that asked. Recurses as
/// deep as the document is nested, which the parser bounds; it does not follow fragments.</summary>
internal sealed class DocumentWalker
{
    private readonly ValidationContext context;
    private readonly DocumentPosition at;
    private readonly RuleSet set;
    private readonly Rule[] rules;

    /// <summary>By rule, the node below which it does not look.</summary>
    private readonly Node?[] passedOver;
    private int passingOver;

    private DocumentWalker(ValidationContext context, RuleSet set)
    {
        this.context = context;
        this.set = set;
        at = context.At;
        rules = new Rule[set.Rules.Length];
        passedOver = new Node?[rules.Length];
        for (var index = 0; index < rules.Length; index++)
        {
            rules[index] = set.Rules[index].Start(context);
        }
    }

    public static void Walk(ValidationContext context, RuleSet set) => new DocumentWalker(context, set).Visit(context.Document);

    private void Visit(Node? node)
    {
        if (node is null || context.IsEnded)
        {
            return;
        }

        switch (node)
        {
            case FieldNode field:
                VisitField(field);
                break;
            case SelectionSetNode selections:
                VisitSelectionSet(selections);
                break;
            case ArgumentNode argument:
                VisitArgument(argument);
                break;
            case ValueNode value:
                VisitValue(value);
                break;
            case ObjectFieldNode field:
                VisitObjectField(field);
                break;
            case DirectiveNode directive:
                at.Directive = context.KnownSchema?.Directives.Find(directive.Name.Value);
                Tell(directive);
                at.Directive = null;
                break;
            case InlineFragmentNode fragment:
                VisitFragment(fragment, fragment.TypeCondition);
                break;
            case VariableDefinitionNode variable:
                var outer = PushInput(context.KnownSchema?.FindType(variable.Type), hasDefault: false);
                Tell(variable);
                PopInput(outer);
                break;
            case DefinitionNode definition:
                VisitDefinition(definition);
                break;
            default:
                Tell(node);
                break;
        }
    }

    private void VisitDefinition(DefinitionNode definition)
    {
        at.Definition = definition;
        switch (definition)
        {
            case OperationDefinitionNode operation:
                at.Output = context.KnownSchema?.RootOf(operation.Operation);
                Tell(operation);
                at.Output = null;
                break;
            case FragmentDefinitionNode fragment:
                VisitFragment(fragment, fragment.TypeCondition);
                break;
            default:
                Tell(definition);
                break;
        }

        at.Definition = null;
    }

    private void VisitFragment(Node fragment, NamedTypeNode? condition)
    {
        var output = at.Output;
        var type = condition is null ? output?.Named : context.KnownSchema?.FindType(condition);
        at.Output = type is { IsOutput: true } ? type : null;
        Tell(fragment);
        at.Output = output;
    }

    private void VisitSelectionSet(SelectionSetNode selections)
    {
        var selected = at.Selected;
        at.Selected = at.Output?.Named as CompositeType;
        Tell(selections);
        at.Selected = selected;
    }

    private void VisitField(FieldNode field)
    {
        var (outer, output) = (at.Field, at.Output);
        at.Field = at.Selected is { } selected ? context.Schema.FindField(selected, field.Name.Value) : null;
        at.Output = at.Field?.Type is { IsOutput: true } type ? type : null;
        Tell(field);
        (at.Field, at.Output) = (outer, output);
    }

    private void VisitArgument(ArgumentNode argument)
    {
        var arguments = at.Directive?.Arguments ?? at.Field?.Arguments;
        at.Argument = arguments?.Find(argument.Name.Value);
        var outer = PushInput(at.Argument?.Type, at.Argument?.Default is not null);
        Tell(argument);
        PopInput(outer);
        at.Argument = null;
    }

    private void VisitObjectField(ObjectFieldNode node)
    {
        var field = (at.Input?.Named as InputObjectType)?.Fields.Find(node.Name.Value);
        var outer = PushInput(field?.Type, field?.Default is not null);
        Tell(node);
        PopInput(outer);
    }

    private void VisitValue(ValueNode value)
    {
        switch (value)
        {
            case ListValueNode list:
                var type = at.Input?.Nullable;
                var outer = PushInput(type is ListType items ? items.Item : type, hasDefault: false);
                Tell(list);
                PopInput(outer);
                break;
            case EnumValueNode name:
                at.EnumValue = (at.Input?.Named as EnumType)?.Values.Find(name.Value);
                Tell(name);
                at.EnumValue = null;
                break;
            case VariableNode variable:
                if (at.Parent is not VariableDefinitionNode)
                {
                    context.Note(new(variable, at.Input, at.InputHasDefault, at.InputParent));
                }

                Tell(variable);
                break;
            default:
                Tell(value);
                break;
        }
    }

    private (SchemaType? Input, SchemaType? Parent, bool HasDefault) PushInput(SchemaType? type, bool hasDefault)
    {
        var outer = (at.Input, at.InputParent, at.InputHasDefault);
        (at.InputParent, at.Input, at.InputHasDefault) = (at.Input, type is { IsInput: true } ? type : null, hasDefault);
        return outer;
    }

    private void PopInput((SchemaType? Input, SchemaType? Parent, bool HasDefault) outer) =>
        (at.Input, at.InputParent, at.InputHasDefault) = outer;

    /// <summary>Lets the rules see a node, then what is below it, then its end.</summary>
    private void Tell(Node node)
    {
        foreach (var index in set.EnteredBy(node.Kind))
        {
            if (passedOver[index] is null && !rules[index].Enter(node))
            {
                passedOver[index] = node;
                passingOver++;
            }
        }

        at.Path.Add(node);
        VisitBelow(node);
        at.Path.RemoveAt(at.Path.Count - 1);

        foreach (var index in set.LeftBy(node.Kind))
        {
            if (passedOver[index] is null)
            {
                rules[index].Leave(node);
            }
        }

        for (var index = 0; passingOver > 0 && index < passedOver.Length; index++)
        {
            if (ReferenceEquals(passedOver[index], node))
            {
                passedOver[index] = null;
                passingOver--;
            }
        }
    }

    /// <summary>In the order of <see cref="Node.AddChildrenTo"/>; written out for what requests are made of, which spares the list and the
    /// names: no rule looks at a name by itself.</summary>
    private void VisitBelow(Node node)
    {
        switch (node)
        {
            case FieldNode field:
                VisitEach(field.Arguments);
                VisitEach(field.Directives);
                Visit(field.SelectionSet);
                break;
            case SelectionSetNode selections:
                VisitEach(selections.Selections);
                break;
            case ArgumentNode argument:
                Visit(argument.Value);
                break;
            case DirectiveNode directive:
                VisitEach(directive.Arguments);
                break;
            case FragmentSpreadNode spread:
                VisitEach(spread.Directives);
                break;
            case VariableNode or NamedTypeNode or NameNode:
            case IntValueNode or FloatValueNode or StringValueNode or BooleanValueNode or NullValueNode or EnumValueNode:
                break;
            default:
                var children = new List<Node>();
                node.AddChildrenTo(children);
                foreach (var child in children)
                {
                    Visit(child);
                }

                break;
        }
    }

    private void VisitEach<T>(ImmutableArray<T> nodes)
        where T : Node
    {
        foreach (var node in nodes)
        {
            Visit(node);
        }
    }
}
