using System.Linq.Expressions;
using Laurel.Expressions;
using Laurel.Expressions.Checking;
using Laurel.Expressions.Types;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Expressions;

using ExpressionType = Laurel.Expressions.ExpressionType;
using Input = IReadOnlyDictionary<string, object?>;

/// <summary>The language is CEL as far as its own conformance suite tells. Each case is evaluated with constants folded,
/// without, and with every value known only at evaluation: three roads through the engine that must agree.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Cases => [.. ConformanceCase.All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void GivesWhatTheSuiteSays_When_ACaseIsEvaluated(string id)
    {
        var given = ConformanceCase.All[id];
        if (!given.IsUnchecked)
        {
            Evaluate(given, new CheckMode(FoldConstants: true, TreatAsDyn: false));
            Evaluate(given, new CheckMode(FoldConstants: false, TreatAsDyn: false));
        }

        Evaluate(given, new CheckMode(FoldConstants: true, TreatAsDyn: true));
    }

    [Fact]
    public void LeavesOutOnlyWhatIsNamed_When_TheCasesAreCounted()
    {
        ConformanceCase.All.Count.ShouldBe(CasesRun);
        ConformanceCase.Skipped.ShouldBe(new Dictionary<string, int>
        {
            ["functions declared by a case"] = 5,
            ["optional values"] = 6,
            ["protobuf"] = 96,
            ["strings.quote"] = 21,
        });
    }

    private const int CasesRun = 967;

    private static void Evaluate(ConformanceCase given, CheckMode mode)
    {
        var check = Environment(given).Check(given.Expression, null, mode);
        if (check.Expression is not { } expression)
        {
            check.Errors.ShouldAllBe(error => Named(error.Code).Contains(given.Expected), mode.ToString());
            return;
        }

        if (given.Type is not null && !mode.TreatAsDyn)
        {
            expression.Type.ToString().ShouldBe(given.Type);
        }

        var input = given.Variables.ToDictionary(
            variable => variable.Name, variable => ConformanceValue.Read(variable.Value, variable.Type));
        var result = expression.Compile<object>().Evaluate(input);
        if (given.Expected.StartsWith('!') || result.IsError)
        {
            $"!{result.Code}".ShouldBe(given.Expected, mode.ToString());
            return;
        }

        var value = result.Value;
        ConformanceValue.AreSame(value, ConformanceValue.Read(given.Expected)).ShouldBeTrue($"{mode}: {value} is not {given.Expected}.");
    }

    // A constant that cannot be read is refused when it is checked, and not only when it is evaluated.
    private static string[] Named(ExpressionErrorCode code) =>
        code == ExpressionErrorCode.ConstantInvalid ? ["!ValueInvalid", "!ValueOutOfRange"] : [$"!{code}"];

    private static ExpressionEnvironment<Input> Environment(ConformanceCase given)
    {
        var builder = new ExpressionEnvironmentBuilder<Input>().Container(given.Container);
        foreach (var (name, type, _) in given.Variables)
        {
            var declared = TypeNamed(type);
            var input = Expression.Parameter(typeof(Input));
            var value = Expression.Convert(Expression.Property(input, "Item", Expression.Constant(name)), declared.Clr);
            builder.Variable(new Member(name, declared, Expression.Lambda(value, input)));
        }

        return builder.Build();
    }

    private static ExpressionType TypeNamed(string name) => name switch
    {
        "bool" => ExpressionType.Bool,
        "int" => ExpressionType.Int,
        "uint" => ExpressionType.Uint,
        "double" => ExpressionType.Double,
        "string" => ExpressionType.String,
        "bytes" => ExpressionType.Bytes,
        "duration" => ExpressionType.Duration,
        "null" => ExpressionType.Null,
        "dyn" => ExpressionType.Dyn,
        "list(int)" => ExpressionType.List(ExpressionType.Int),
        "list(string)" => ExpressionType.List(ExpressionType.String),
        "map(string, int)" => ExpressionType.Map(ExpressionType.String, ExpressionType.Int),
        "map(string, string)" => ExpressionType.Map(ExpressionType.String, ExpressionType.String),
        _ => throw new InvalidDataException($"No case declares {name}."),
    };
}
