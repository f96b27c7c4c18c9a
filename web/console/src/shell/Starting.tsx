export function Starting() {
  return (
    <p className="starting" role="status">
      aftersales
    </p>
  );
}
