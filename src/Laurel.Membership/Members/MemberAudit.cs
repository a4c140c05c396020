using Laurel.Engine.Audit;

namespace Laurel.Membership.Members;

/// <summary>What the audit may say of a member: figures, level and status. Of the person it says only that something changed.</summary>
internal static class MemberAudit
{
    public static void Describe(MemberBook book, AuditState state)
    {
        state.Add("status", MemberKind.NameOf(book.Status));
        state.Add("level", book.LevelCode);
        state.Add("points", book.Points.Balance);
        state.Add("held", book.Points.Held);
        state.Add("debt", book.Points.Debt);
        state.Add("receivable", book.Points.Receivable);
        state.Add("growth", book.Growth);
        state.Add("balance", book.Balance);
        state.Add("balanceHeld", book.BalanceHeld);
        state.Add("lifetime", book.Lifetime);
        state.Add("orders", book.TotalOrders);
        state.Add("amount", book.TotalAmount);
        state.Add("realNameVerified", book.RealNameVerified);
        state.Add("cancelDueAt", book.CancelDueAt?.UnixMicroseconds);
        state.Add("cancelUnconfirmed", book.CancelAskedBy is not null);
        state.Add("erasedAt", book.ErasedAt?.UnixMicroseconds);
        state.Add("mergedInto", book.MergedInto);
        if (book.HasPersonal)
        {
            // Which version of the sealed document it is, and never what stands in it.
            state.Add("profile", book.Personal.Current?.Version);
        }
    }
}
