using Laurel.Membership.Finance;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Finance;

/// <summary>Daily vouchers: debits are credits, and the liability's account ends each day with what the liability is.</summary>
public sealed class PostingTheLiabilityTests
{
    private static readonly string[] s_kinds = ["earn", "spend", "expire", "reverse", "adjust", "transfer", "repay", "something_new"];

    [Fact]
    public void AChangedValueIsPostedFirst_When_TheProgrammeChanged()
    {
        var before = DeferringRevenueTests.DayOf(20260130, 10_000);
        var day = DeferringRevenueTests.DayOf(20260131, 8_000);

        var lines = FinanceJournal.LinesOf(day, before, 1_000, [Sum("spend", -100)], FinanceAccounts.Default, Language.Chinese);

        // 1,000 points were 1,000; at four fifths they are 800; the 100 spent are worth 80.
        lines.Select(line => (line.Line, line.Account, line.Debit, line.Credit, line.Memo)).ShouldBe(
        [
            (1, "2205.01", 200, 0, "remeasured"), (2, "6001.96", 0, 200, "remeasured"),
            (3, "2205.01", 80, 0, "redeemed"), (4, "6001.92", 0, 80, "redeemed"),
        ]);
        lines[0].AccountName.ShouldBe("合同负债—会员积分");
    }

    [Fact]
    public void NoCentGathers_When_RandomDaysAreValuedAwkwardly()
    {
        var random = new Random(20_260_131);
        for (var history = 0; history < 200; history++)
        {
            FinanceDay? before = null;
            var (outstanding, ledger) = (0L, 0L);
            for (var i = 0; i < 30; i++)
            {
                var day = DeferringRevenueTests.DayOf(20260101 + i, random.Next(10_001), random.Next(1, 500)) with { ValuePoints = random.Next(1, 700) };
                var moved = s_kinds.Where(_ => random.Next(3) > 0).Select(kind => Sum(kind, random.Next(-900, 1_000))).ToList();

                var lines = FinanceJournal.LinesOf(day, before, outstanding, moved, FinanceAccounts.Default, Language.English);

                outstanding += moved.Sum(sum => sum.Amount);
                lines.Sum(line => line.Debit).ShouldBe(lines.Sum(line => line.Credit));
                lines.ShouldAllBe(line => (line.Debit == 0) != (line.Credit == 0) && line.Debit >= 0 && line.Credit >= 0);
                ledger += lines.Where(line => line.Account == "2205.01").Sum(line => line.Credit - line.Debit);
                ledger.ShouldBe(day.Value.Of(outstanding));
                before = day;
            }
        }
    }

    [Fact]
    public void CodesAreTheMerchants_When_TheFileNamesThem()
    {
        var (accounts, mistakes) = FinanceAccounts.Read("""{"liability": {"code": "2221", "name": "Points"}, "redeemed": {"code": "6051", "nameChinese": "其他业务收入"}}""");

        mistakes.ShouldBeEmpty();
        accounts!.Liability.ShouldBe(new FinanceAccount("2221", "Points", "合同负债—会员积分"));
        accounts.Against(MovementColumn.Redeemed).ShouldBe(new FinanceAccount("6051", "Revenue from points redeemed", "其他业务收入"));
        accounts.Against(MovementColumn.Issued).ShouldBe(FinanceAccounts.Default.Against(MovementColumn.Issued));
    }

    [Theory]
    [InlineData("[]", "/")]
    [InlineData("{", "/")]
    [InlineData("""{"cash": {"code": "1001"}}""", "/cash")]
    [InlineData("""{"issued": "6001"}""", "/issued")]
    [InlineData("""{"issued": {"code": 6001}}""", "/issued/code")]
    [InlineData("""{"issued": {"code": " "}}""", "/issued/code")]
    [InlineData("""{"issued": {"nummer": "6001"}}""", "/issued/nummer")]
    public void TheMistakeIsNamedWithItsPointer_When_TheFileIsWrong(string json, string pointer)
    {
        var (accounts, mistakes) = FinanceAccounts.Read(json);

        accounts.ShouldBeNull();
        mistakes.ShouldHaveSingleItem().ShouldStartWith(pointer + ":");
    }

    [Fact]
    public void EveryColumnHasAnAccount_When_TheyAreListed()
    {
        var accounts = Enum.GetValues<MovementColumn>().Select(FinanceAccounts.Default.Against).Append(FinanceAccounts.Default.Liability).Append(FinanceAccounts.Default.Remeasured);

        accounts.Select(account => account.Code).ShouldBeUnique();
        FinanceAccounts.Roles.Count.ShouldBe(Enum.GetValues<MovementColumn>().Length + 2);
    }

    [Fact]
    public void ExcelReadsIt_When_TheTableHasAMarkAndDefusedText()
    {
        var line = new JournalLine { Day = "2026-01-31", Line = 1, Account = "=1+1", AccountName = "a,b", Debit = 5, Credit = 0, Memo = "issued", Points = -5 };

        FinanceTables.Journal.Write([line], Language.English, withMark: false).ShouldBe(
            "day,line,account,account_name,debit_minor_units,credit_minor_units,memo,points\r\n2026-01-31,1,'=1+1,\"a,b\",5,0,issued,-5\r\n");
        FinanceTables.Journal.Write([line], Language.Chinese, withMark: true).ShouldStartWith("\uFEFF日期,行号,科目编码");
    }

    private static MovementSum Sum(string kind, long amount) => new() { Day = 20260131, Kind = kind, Amount = amount };
}
